"""The page's types are those of the messages."""

from playground.typescript import MESSAGES, declarations


def test_the_declarations_are_current():
    assert MESSAGES.read_text(encoding="utf-8") == declarations(), "run python tests/playground/typescript.py"


def test_requests_may_omit_what_has_a_default_and_replies_have_everything():
    text = declarations()
    assert (
        'export interface Step {\n  kind: "step";\n  unit: "batch" | "epoch";\n  count?: number;\n}' in text
    )
    assert "  target_range: [number, number];\n" in text
    assert "  clip_norm: number | null;\n" in text
