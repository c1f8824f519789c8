"""Embeds the pool's files in the user data of pgbouncer.yaml.

`python infra/tests/embed.py` embeds infra/pgbouncer/bootstrap.sh and pgbouncer.ini, without comments, after a change. test_wiring.py
fails until then.
"""

from pathlib import Path

INFRA = Path(__file__).resolve().parent.parent
TEMPLATE = INFRA / "pgbouncer.yaml"

# The line of the template before a file, the file, and the line after it.
FILES = [
    ("cat >bootstrap.sh <<'END-OF-BOOTSTRAP'", "bootstrap.sh", "END-OF-BOOTSTRAP"),
    ("cat >pgbouncer.ini <<'END-OF-INI'", "pgbouncer.ini", "END-OF-INI"),
]


def compact(text: str) -> str:
    """The file without lines that are comments: user data has at most 16 KiB."""
    kept = [line for line in text.split("\n") if line.startswith("#!") or not line.lstrip().startswith(("#", ";;"))]
    return "\n".join(kept)


def embedded(template: str) -> str:
    """The template with the current files."""
    for begin, name, end in FILES:
        lines = template.split("\n")
        first = next(n for n, line in enumerate(lines) if line.strip() == begin) + 1
        last = next(n for n, line in enumerate(lines) if line.strip() == end)
        indent = lines[first - 1][: -len(begin)]
        text = compact((INFRA / "pgbouncer" / name).read_text()).rstrip("\n")
        dash = indent[:-2] + "- |"
        body = [f"{indent}{line}" if line else "" for line in text.split("\n")]
        template = "\n".join(lines[:first] + [dash] + body + [dash] + lines[last:])
    return template


if __name__ == "__main__":
    TEMPLATE.write_text(embedded(TEMPLATE.read_text()))
