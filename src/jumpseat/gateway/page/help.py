"""The help page of the gateway: one piece of HTML that fetches nothing and needs no script to be read."""

from __future__ import annotations

import base64
import hashlib
import html
import re

from jumpseat._version import __version__
from jumpseat.gateway.operations import OPERATIONS, Operation, curl

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2530; --soft: #5a6675; --paper: #fbfaf7; --card: #fff;
  --line: #e2ded5; --accent: #0f6b5c; --code: #f3f1ea }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #9aa5b1; --paper: #14181d;
  --card: #1b2027; --line: #2c333c; --accent: #5ec9b3; --code: #11151a } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif }
main { max-width: 52rem; margin: 0 auto; padding: 3rem 1.25rem 4rem }
h1 { font-size: 2rem; margin: 0; letter-spacing: -.02em }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem }
p { margin: .4rem 0 } .soft { color: var(--soft) }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem 1.25rem; margin: 0 0 1rem }
h3 { font: 600 .95rem/1.5 ui-monospace, monospace; margin: 0; overflow-wrap: anywhere }
.verb { color: var(--accent); display: inline-block; min-width: 3.2rem }
.tag { font: 500 .75rem/1 system-ui, sans-serif; color: var(--soft); border: 1px solid var(--line);
  border-radius: 1rem; padding: .15rem .55rem; white-space: nowrap }
.sample { position: relative }
pre { background: var(--code); border-radius: .4rem; padding: .75rem 1rem; margin: .75rem 0 0;
  overflow-x: auto; font: .85rem/1.5 ui-monospace, monospace }
code { font-family: ui-monospace, monospace; font-size: .9em }
button { position: absolute; top: .4rem; right: .4rem; font: .75rem system-ui, sans-serif; cursor: pointer;
  color: var(--soft); background: var(--card); border: 1px solid var(--line); border-radius: .3rem;
  padding: .15rem .5rem }
a { color: var(--accent) }
@media (max-width: 40rem) { main { padding: 1.5rem .9rem 3rem } section { padding: .85rem .9rem }
  .verb { min-width: 0 } button { position: static; margin-top: .4rem } }
"""
# Copying is a comfort; without scripts the page reads the same, without the buttons.
_SCRIPT = """
for (const sample of document.querySelectorAll(".sample")) {
  const button = document.createElement("button");
  button.textContent = "Copy";
  button.onclick = async () => {
    await navigator.clipboard.writeText(sample.querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  sample.append(button);
}
"""


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_digest(_STYLE)}'; script-src 'sha256-{_digest(_SCRIPT)}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def help_page(address: str) -> bytes:
    """The page, with examples that call `address`."""
    operations = "\n".join(_section(operation, address) for operation in OPERATIONS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>jumpseat</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>jumpseat</h1>
<p class="soft">Version {html.escape(__version__)}. Your own Microsoft Copilot and GitHub Copilot, for
programs that speak the OpenAI API. Unofficial; not affiliated with Microsoft or GitHub.</p>
<h2>In short</h2>
<p>Give your program the base address <code>{html.escape(address)}/v1</code>, and any key if none was set.</p>
<p>An error is <code>{{"type": "error", "error": {{"type", "code", "message", "param"}}}}</code> with a status
that fits; once an answer streams it is an event <code>data: {{"error": …}}</code>, after which nothing
comes. Its message says what to do next. <a href="/openapi.json">The same for programs.</a></p>
<h2>What can be asked</h2>
{operations}
</main>
<script>{_SCRIPT}</script>
</body>
</html>
""".encode()


def _section(operation: Operation, address: str) -> str:
    path = html.escape(re.sub(r":\w+\}", "}", operation.path))
    tags = ['<span class="tag">also without /v1</span>'] if operation.has_short_form else []
    tags += ['<span class="tag">no key needed</span>'] if operation.is_public else []
    detail = f'<p class="soft">{_marked(operation.detail)}</p>' if operation.detail else ""
    return f"""<section>
<h3><span class="verb">{operation.method}</span> {path} {" ".join(tags)}</h3>
<p>{_marked(_sentence(operation.summary))}</p>
{detail}
<div class="sample"><pre>{html.escape(curl(operation, address))}</pre></div>
</section>"""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _marked(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
