"""What a judgment carries besides its ratings."""

from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction

from labeling.formats.findings import (
    LONGEST_TAG,
    MOST_TAGS,
    CorrectedOutput,
    Findings,
    FindingsRefused,
    MarkedSpan,
    locate_quote,
    normalise_tag,
    split_tags,
)
from labeling.models import Correction, FailureTag, Judgment, Span
from labeling.services.findings import check_findings, keep_findings
from labeling.services.judgments import violated
from reviews.services.rights import reviewer_role
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

CONTENT = {
    "prompt": "How often?",
    "context": [{"text": "Water weekly."}, {"text": "Feed monthly."}],
    "responses": [{"text": "Water **every day**, and feed."}, {"text": "Weekly."}],
}


def judge(cast: Any, content: dict[str, Any] = CONTENT, **changes: Any) -> Judgment:
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    item = make_item(cast.project, "PAIR", content=content)
    slot = make_slots(queue, item)[0]
    batch = make_batch(queue, cast.ada)
    return make_judgment(make_assignment(batch, item, slot, **changes))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Wrong   DATE ", "wrong date"),
        ("#made-up", "made-up"),
        ("Straße.", "strasse"),
        ("ﬁgure", "figure"),
        ("hid\u200bden\u202e", "hidden"),
        ("a\tb\x00", "a b"),
        ("…", "..."[:0]),
        ("日付", "日付"),
    ],
)
def test_a_tag_has_one_spelling(typed, kept):
    assert normalise_tag(typed) == kept


def test_tags_are_typed_with_commas_and_lines_and_kept_once():
    assert split_tags("Wrong date, tone;\nwrong  date,, ") == ("wrong date", "tone")


@pytest.mark.parametrize(
    ("text", "quote", "near", "found"),
    [
        ("one two one", "one", 0, (0, 3)),
        ("one two one", "one", 7, (8, 11)),
        ("Water **every day**, and", "Water every day", 0, (0, 17)),
        ("- a\n- b\n\n- a\n- c", "a c", 8, (11, 16)),
        ("x — y", "—", 0, (2, 3)),
        ("😀 is happy", "happy", 0, (5, 10)),
        ("1. Take it.\n2. Cut it.\n", "Take it.\nCut it.", 0, (3, 22)),
        ("zero\u200bwidth *now*", "zero⟨U+200B⟩width now", 0, (0, 15)),
        ("see ![a pot](b.png) here", "see [image: a pot] b.png here", 0, (0, 24)),
        ("one two", "three", 0, None),
        ("one two", "three\nfour", 0, None),
        ("one two", "?!", 0, None),
    ],
)
def test_a_quote_is_found_where_it_stands(text, quote, near, found):
    assert locate_quote(text, quote, near) == found


@pytest.mark.django_db
def test_findings_are_kept_with_their_judgment(cast):
    judgment = judge(cast)

    keep_findings(
        judgment_id=judgment.pk,
        findings=Findings(
            tags=("Wrong Date", "wrong date", "tone"),
            corrections=(CorrectedOutput(2, "Once a week."),),
            spans=(
                MarkedSpan("RESPONSE", 1, "every day", tag="Wrong Date", note="no"),
                MarkedSpan("RESPONSE", 2, "Weekly", is_claim=True, passage=1),
            ),
        ),
    )

    assert set(FailureTag.objects.values_list("tag", flat=True)) == {
        "wrong date",
        "tone",
    }
    assert Correction.objects.values_list("response", "text").get() == (
        2,
        "Once a week.",
    )
    marked, claim = Span.objects.order_by("pk")
    assert (marked.start, marked.end, marked.quote) == (8, 17, "every day")
    assert (marked.tag, marked.note) == ("wrong date", "no")
    assert (claim.is_claim, claim.passage) == (True, 1)


@pytest.mark.django_db
def test_a_place_on_the_screen_becomes_the_response_that_stood_there(cast):
    judgment = judge(cast, response_order=[1, 0])

    keep_findings(
        judgment_id=judgment.pk,
        findings=Findings(
            corrections=(CorrectedOutput(1, "Once a week."),),
            spans=(MarkedSpan("RESPONSE", 1, "Weekly."),),
        ),
    )

    assert Correction.objects.get().response == 2
    assert Span.objects.get().number == 2


@pytest.mark.django_db
def test_a_reviewer_keeps_findings_of_their_own_judgment(cast):
    judgment = judge(cast)

    with reviewer_role(cast.ada.user_id):
        keep_findings(
            judgment_id=judgment.pk,
            findings=Findings(
                tags=("tone",),
                corrections=(CorrectedOutput(1, "Weekly."),),
                spans=(MarkedSpan("PASSAGE", 2, "monthly"),),
            ),
        )

    assert Span.objects.get().quote == "monthly"
    assert FailureTag.objects.count() == Correction.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "insert",
    [
        "labeling_failuretag (judgment_id, tag) VALUES (%s, 'x')",
        "labeling_correction (judgment_id, response, text) VALUES (%s, 1, 'x')",
        'labeling_span (judgment_id, place, number, start, "end", quote, tag, note,'
        " is_claim) VALUES (%s, 'RESPONSE', 2, 0, 6, 'Weekly', '', '', false)",
    ],
)
def test_nobody_adds_findings_to_the_judgment_of_another(cast, insert):
    judgment = judge(cast)

    with (
        pytest.raises(Error) as refused,
        reviewer_role(cast.ben.user_id),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO {insert}", [judgment.pk])

    assert "no such judgment" in str(refused.value)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "insert",
    [
        "labeling_failuretag (judgment_id, tag) VALUES (%s, 'x')",
        "labeling_correction (judgment_id, response, text) VALUES (%s, 1, 'x')",
        'labeling_span (judgment_id, place, number, start, "end", quote, tag, note,'
        " is_claim) VALUES (%s, 'RESPONSE', 2, 0, 6, 'Weekly', '', '', false)",
        "labeling_rating (judgment_id, criterion_id, value, displayed, rationale)"
        " SELECT %s, id, '\"bad\"', '\"bad\"', '' FROM labeling_criterion",
    ],
)
def test_nobody_adds_to_their_own_judgment_once_it_is_given(cast, insert):
    judgment = judge(cast)

    with (
        pytest.raises(IntegrityError, match="nothing is added to it"),
        reviewer_role(cast.ada.user_id),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO {insert}", [judgment.pk])


@pytest.mark.django_db(transaction=True)
def test_findings_follow_their_judgment_under_savepoints(cast):
    with transaction.atomic():
        with transaction.atomic():
            judgment = judge(cast)
        with transaction.atomic():
            keep_findings(judgment_id=judgment.pk, findings=Findings(tags=("late",)))

    assert FailureTag.objects.get().judgment == judgment


REFUSED = [
    (Findings(tags=("x" * (LONGEST_TAG + 1),)), "81 characters; at most 80"),
    (Findings(tags=tuple(map(str, range(MOST_TAGS + 1)))), "at most 20 tags"),
    (Findings(corrections=(CorrectedOutput(1, " "),)), "response 1 is empty"),
    (Findings(corrections=(CorrectedOutput(3, "x"),)), "no response 3"),
    (
        Findings(corrections=(CorrectedOutput(1, "x"), CorrectedOutput(1, "y"))),
        "each response once",
    ),
    (Findings(spans=(MarkedSpan("SIGNALS", 1, "x"),)), "no text of an item"),
    (Findings(spans=(MarkedSpan("RESPONSE", 1, " "),)), "mark is empty"),
    (Findings(spans=(MarkedSpan("RESPONSE", 1, "rarely"),)), "mark it anew"),
    (Findings(spans=(MarkedSpan("RESPONSE", 0, "Water"),)), "mark it anew"),
    (Findings(spans=(MarkedSpan("STEP", 1, "Water"),)), "mark it anew"),
    (Findings(spans=(MarkedSpan("RESPONSE", 1, "Water", passage=1),)), "is no claim"),
    (
        Findings(spans=(MarkedSpan("RESPONSE", 1, "Water", is_claim=True, passage=3),)),
        "no passage 3",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("findings", "reason"), REFUSED)
def test_what_is_wrong_is_refused_before_anything_is_written(cast, findings, reason):
    judgment = judge(cast)

    with pytest.raises(FindingsRefused, match=reason):
        check_findings(assignment_id=judgment.assignment_id, findings=findings)
    with pytest.raises(FindingsRefused, match=reason):
        keep_findings(judgment_id=judgment.pk, findings=findings)

    assert not FailureTag.objects.exists()


def test_every_fault_is_told_at_once():
    findings = Findings(
        tags=("x" * 99,),
        corrections=(CorrectedOutput(1, ""),),
        spans=(MarkedSpan("RESPONSE", 1, ""),),
    )

    with pytest.raises(FindingsRefused) as refused:
        check_findings(assignment_id=0, findings=findings)

    assert [part for part, _ in refused.value.faults] == [
        "tags",
        "corrections",
        "spans",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"quote": "Weakly"}, "span_quotes_its_text"),
        ({"number": 3}, "span_quotes_its_text"),
        ({"number": 0}, "span_quotes_its_text"),
        ({"end": 0, "quote": ""}, "span_has_length"),
        ({"place": "SIGNALS"}, "span_place_known"),
        ({"passage": 1}, "span_passage_supports_a_claim"),
        ({"is_claim": True, "passage": 9}, "span_of_a_passage"),
        ({"is_claim": True, "passage": 0}, "span_of_a_passage"),
    ],
)
def test_the_database_refuses_a_span_that_quotes_nothing(cast, changes, constraint):
    values = {"place": "RESPONSE", "number": 2, "start": 0, "end": 6, "quote": "Weekly"}

    with pytest.raises(IntegrityError) as refused:
        Span.objects.create(judgment=judge(cast), **values | changes)

    assert violated(refused.value) == constraint


@pytest.mark.django_db
def test_the_database_refuses_a_correction_of_no_response(cast):
    with pytest.raises(IntegrityError):
        Correction.objects.create(judgment=judge(cast), response=3, text="x")


@pytest.mark.django_db
def test_findings_are_append_only(cast):
    judgment = judge(cast)
    keep_findings(
        judgment_id=judgment.pk,
        findings=Findings(
            tags=("tone",),
            corrections=(CorrectedOutput(1, "x"),),
            spans=(MarkedSpan("RESPONSE", 2, "Weekly"),),
        ),
    )

    for model in (FailureTag, Correction, Span):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(judgment=judgment)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
