"""What a program says of the ways in which it differs from the page."""

from __future__ import annotations

from .subject import Subject


def notes(subject: Subject) -> list[str]:
    """What holds for a program of any library."""
    found = []
    if changes := subject.changes:
        listed = "; ".join(changes[:10]) + ("; …" if len(changes) > 10 else "")
        found.append(
            "On the page something was changed while training went on, which this program does not do: it has the "
            f"present settings from the start ({listed})."
        )
    if subject.first:
        found.append(
            f"The run was opened at step {subject.first}: what may have been changed on the page before is not known."
        )
    if subject.from_table:
        found.append("The inputs are columns of your table, prepared as on the page.")
    return found
