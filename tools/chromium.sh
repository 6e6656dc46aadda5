#!/bin/sh
# Make sure of a Chromium for the browser tests and the screenshots: an installed one, else Debian's
# package, else Playwright's own.
#
#   tools/chromium.sh .venv/bin/python
set -eu
python=$1

starts() {
    "$python" - <<'PY'
from playwright.sync_api import sync_playwright
from tools.browsing import SWITCHES, StartError, find_chromium

with sync_playwright() as playwright:
    try:
        path = find_chromium(playwright.chromium.executable_path)
        playwright.chromium.launch(executable_path=path, args=SWITCHES).close()
    except Exception as error:
        raise SystemExit(str(error).splitlines()[0])
PY
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_from_debian() {
    command -v apt-get >/dev/null || return 1
    as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends chromium
}

starts 2>/dev/null && exit 0
if [ -n "${CHROMIUM:-}" ]; then
    echo "CHROMIUM is $CHROMIUM, which does not start." >&2
    exit 1
fi
echo "Installing Chromium for the browser tests ..."
if install_from_debian && starts; then exit 0; fi
# Playwright's own needs libraries of the system; installing them needs root and may be refused.
"$python" -m playwright install chromium
as_root "$python" -m playwright install-deps chromium || true
starts || {
    echo "There is no Chromium that starts, and none could be installed: the browser tests need" \
        "one. Install a Chromium, or set its path: CHROMIUM=/path/to/chromium make test" >&2
    exit 1
}
