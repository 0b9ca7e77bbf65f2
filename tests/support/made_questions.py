"""Questions as an export holds them, made by hand."""

from typing import Any

from colloquia.finetune.data.questions import Question

PASSAGE = (
    "The Panama Canal links two oceans. A French company led by Ferdinand de Lesseps began digging "
    "in 1881 but failed in 1889. The United States took over the work in 1904. William Gorgas, an "
    "American army doctor, ended yellow fever by fighting mosquitoes. The canal has three locks."
)


def question(text: str, reference: str, **changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": f"ask1_{abs(hash((text, reference))):020d}"[:25],
        "text": text,
        "history": (),
        "reference": reference,
        "answerable": True,
        "evidence": (),
        "kind": None,
        "system": f"Answer from the passage below alone.\n\n{PASSAGE}",
        "row": {},
    }
    return Question(**(fields | changes))
