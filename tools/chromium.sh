#!/bin/sh
# A Chromium for the browser tests and the screenshots: what is there, else Debian's package, else
# the one that Playwright brings.
#
#   tools/chromium.sh .venv/bin/python
set -eu
python=$1

there() {
    "$python" - <<'PY'
from playwright.sync_api import sync_playwright
from tools.browsing import SWITCHES, StartError, find_chromium

with sync_playwright() as playwright:
    try:
        path = find_chromium(playwright.chromium.executable_path)
        playwright.chromium.launch(executable_path=path, args=SWITCHES).close()
    except Exception as problem:
        raise SystemExit(str(problem).splitlines()[0])
PY
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

debian() {
    command -v apt-get >/dev/null || return 1
    as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends chromium
}

there 2>/dev/null && exit 0
if [ -n "${CHROMIUM:-}" ]; then
    echo "CHROMIUM names $CHROMIUM, which does not start." >&2
    exit 1
fi
echo "Installing Chromium for the browser tests ..."
if debian && there; then exit 0; fi
# Playwright's own needs the system's libraries; installing them needs root, and may be refused.
"$python" -m playwright install chromium
as_root "$python" -m playwright install-deps chromium || true
there || {
    echo "There is no Chromium that starts, and none could be installed: the browser tests need" \
        "one. Install a Chromium, or name one: CHROMIUM=/path/to/chromium make test" >&2
    exit 1
}
