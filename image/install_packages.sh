#!/bin/bash
# Which locks go into the image? Argument: extras, as in "s3 celery". Each one's lock holds all of requirements.lock;
# they agree, so several go together. What was installed from is put into /tmp/installed.
set -euo pipefail
cd "$(dirname "$0")"
EXTRAS=(s3 celery kubernetes)
read -ra wanted <<<"${1:-}"

locks=()
for extra in "${wanted[@]}"; do
    if [[ " ${EXTRAS[*]} " != *" $extra "* ]]; then
        printf 'EXTRAS: there is no lock for "%s", wanted some of: %s. As in --build-arg EXTRAS="s3 celery".\n' "$extra" "${EXTRAS[*]}" >&2
        exit 1
    fi
    locks+=("requirements-$extra.lock")
done
[[ ${#locks[@]} -gt 0 ]] || locks=(requirements.lock)

# Sync also removes the base image's other providers, whose requirements would contradict the locks. The base image
# comes without bytecode. As pip does, uv trusts the system's certificates too: a proxy may have its own authority.
UV_SYSTEM_CERTS=true uv pip sync --no-cache --require-hashes --compile-bytecode "${locks[@]}"
install -D --mode=644 --target-directory="${INSTALLED:-/tmp/installed}" "${locks[@]}"
