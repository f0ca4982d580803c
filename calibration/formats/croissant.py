"""A release described as a Croissant 1.1 dataset, from its manifest."""

from typing import Any

from calibration.formats.release import CASES

Json = dict[str, Any]

CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

# What a case says, where in its line, and what that means.
FIELDS = (
    ("id", "id", None, "Name of the case; unique within the release."),
    ("kind", "kind", None, "single, pair or trace."),
    ("prompt", "content", "$.prompt", "What was asked, where the item has a prompt."),
    ("stratum", "cell", "$.stratum", "The stratum that the case was chosen for."),
    ("bucket", "cell", "$.bucket", "typical, or what makes the case hard."),
    ("weight", "weight", None, "How much traffic the case stands for; mean 1."),
    ("grading", "grading", "$.type", "How an output for this case is graded."),
    ("reference", "reference", "$.text", "What an output should be, if that is said."),
    ("canary", "canary", None, "The GUID of the set."),
)


def describe_croissant(manifest: Json) -> Json:
    name, version = manifest["name"], manifest["version"]
    data = manifest["files"][CASES]
    process = manifest["label_process"]
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": name,
        "version": version,
        "description": _description(manifest),
        "citeAs": f"{name}@{version}",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": CASES,
                "name": CASES,
                "contentUrl": CASES,
                "contentSize": f"{data['bytes']} B",
                "encodingFormat": "application/jsonlines",
                "sha256": data["sha256"],
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "cases",
                "name": "cases",
                "key": {"@id": "cases/id"},
                "field": [
                    *(_field(*field) for field in FIELDS),
                    *(_label(criterion) for criterion in sorted(manifest["labels"])),
                ],
            }
        ],
        "rai:dataAnnotationProtocol": process["reviewing"],
        "rai:annotationsPerItem": str(process["overlap"]),
        "rai:dataLimitations": "Chosen, not drawn at random: see weight and "
        "datasheet.md before a figure is said of all traffic.",
    }
    if manifest["licence"]:
        described["license"] = manifest["licence"]
    return described


def _description(manifest: Json) -> str:
    rubric = manifest["rubric"]
    return (
        f"{manifest['n_cases']} cases of the golden set {manifest['name']}, labelled "
        f"by people under the rubric {rubric['name']}@{rubric['version']}. "
        f"Canary GUID {manifest['canary']}: not for training."
    )


def _label(criterion: str) -> Json:
    said = f"What people decided on {criterion}; see rubric.json."
    return _field(f"label.{criterion}", "labels", f"$['{criterion}']", said)


def _field(name: str, column: str, path: str | None, said: str) -> Json:
    source: Json = {"fileObject": {"@id": CASES}, "extract": {"column": column}}
    if path is not None:
        source["transform"] = {"jsonPath": path}
    return {
        "@type": "cr:Field",
        "@id": f"cases/{name}",
        "name": name,
        "description": said,
        "dataType": "sc:Text",
        "source": source,
    }
