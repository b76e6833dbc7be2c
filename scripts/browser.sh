#!/usr/bin/env bash
# Find what the tests need beyond Python: a Chromium and SoftHSM; install the Debian packages when root may.
set -euo pipefail
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
[ -e /usr/lib/softhsm/libsofthsm2.so ] || [ -e /usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so ] || missing+=(softhsm2)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
[ ${#missing[@]} -eq 0 ] && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Cài các gói Debian cho kiểm thử: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Kiểm thử cần: ${missing[*]}. Trên Debian/Ubuntu: sudo apt-get install ${missing[*]}" >&2
  exit 2
fi
