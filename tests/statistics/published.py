"""Data with published figures; the numbers F01 to F30 are those of METHODS.md."""

from collections.abc import Sequence

from calibration.statistics import Level, RatingMatrix

F01 = [[118, 5], [2, 0]]
F02 = [[95, 4], [1, 0]]
F03 = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
F04 = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
F05 = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
F07 = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
# Artstein and Poesio (2008), stat / ireq / chck, as printed in NLTK's documentation.
ARTSTEIN = [[46, 0, 0], [6, 32, 6], [0, 0, 10]]

# Fleiss' kappa on Wikipedia, 10 subjects and 14 raters.
F08 = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
# Fleiss (1971), diagnoses of 30 patients by 6 psychiatrists.
F08B = [
    *([0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6]),
    *([0, 3, 0, 3, 0], [2, 0, 4, 0, 0], [0, 0, 4, 0, 2], [2, 0, 3, 1, 0]),
    *([2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0]),
    *([0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1]),
    *([3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3]),
    *([0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0]),
    *([1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0]),
    *([1, 0, 5, 0, 0], [0, 0, 0, 0, 6]),
]
# Gwet's distrib.6raters: the first 15 of Fleiss' patients.
F08C = F08B[:15]

# One line per rater, one character per item, a dot where there is no rating.
F09 = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
F10 = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
F11 = ["0100000010", "1110010000"]
F11B = ["aabbdcccedda", "babbbccceddd"]
F12 = [".....34121133.3", "1.213343.......", "..21344.21133.4"]
RAW5 = [
    "112.001122.0131",
    "1130000.2110231",
    "203000222100221",
    ".13....0.10022.",
    "2..0001.2....31",
]
ANXIETY = [
    "33345523522615221243",
    "36462424332333221334",
    "21443216111233113322",
]

# How often each triple of answers occurs in the test set of Wang et al. (2024),
# annotators 1 to 3, values A, B, tie.
PANDALM = {
    "AAA": 368,
    "AAB": 10,
    "AAT": 10,
    "ABA": 12,
    "ABB": 11,
    "ATA": 11,
    "ATT": 5,
    "BAA": 11,
    "BAB": 18,
    "BBA": 7,
    "BBB": 426,
    "BBT": 2,
    "BTB": 4,
    "BTT": 7,
    "TBB": 4,
    "TBT": 4,
    "TTA": 2,
    "TTB": 2,
    "TTT": 85,
}
# The same for the factuality answers of Maynez et al. (2020).
XSUM = {
    "NN.": 8,
    "NNN": 1592,
    "NNY": 29,
    "NYN": 30,
    "NYY": 19,
    "YN.": 1,
    "YNN": 13,
    "YNY": 12,
    "YY.": 1,
    "YYN": 14,
    "YYY": 139,
}


def make_matrix(
    raters: Sequence[str], level: Level = Level.NOMINAL, domain: str | None = None
) -> RatingMatrix:
    """Read one line per rater, one character per item."""
    return RatingMatrix.from_triples(
        (
            (item, rater, label)
            for rater, line in enumerate(raters)
            for item, label in enumerate(line)
            if label != "."
        ),
        level=level,
        domain=domain,
    )


def make_counted(patterns: dict[str, int]) -> RatingMatrix:
    """Repeat each row of answers as often as it occurs."""
    rows = [row for row, times in patterns.items() for _ in range(times)]
    return make_matrix(["".join(answers) for answers in zip(*rows, strict=True)])


# Dawid and Skene (1979), 45 patients; the first observer rated each three times.
ANAESTHETISTS = {
    "1": "131222132242121111222222112111131224223111212",
    "1 again": "131222232342122111222222113111131223233112322",
    "1 once more": "132222232242121111222221112112131223123111212",
    "2": "142333232243131211212232112111131234233112212",
    "3": "131123142243121111232222112111121223224111212",
    "4": "132222132244111111222222112112131234333111212",
    "5": "142122133343121111122122112111131223232111212",
}
# Wins in the American League East of 1987 (Agresti).
F14_TEAMS = ("Mil", "Det", "Tor", "NY", "Bos", "Cle", "Bal")
F14 = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
# NIST e-Handbook 6.3.2.4: observations, their averages as printed.
F15 = [
    *(52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5),
    *(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1),
]
F15_AVERAGES = [
    *(50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33),
    *(50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99),
]
# Guesses (T, P, don't know) by truth (T, P): CRISP and the Houweling patients.
F16 = [[82, 27], [25, 29], [170, 83]]
F16B = [[143, 104], [14, 57], [188, 175]]
