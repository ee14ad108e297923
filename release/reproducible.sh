#!/usr/bin/env bash
# reproducible.sh [deps]: builds the tree in two directories of different names and compares the programs byte for
# byte; with `deps` the libraries too, else both use this tree's. Only files that git knows or would add are copied.
set -euo pipefail
cd "$(dirname "$0")/.."
with=${1:-}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trees=("$scratch/one" "$scratch/elsewhere/and/deeper/two")

for tree in "${trees[@]}"; do      # both copies first: the work tree may change under a build
	mkdir -p "$tree/.deps"
	git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$tree"
	if [ "$with" = deps ]; then
		cp -a .deps/source "$tree/.deps"      # saves the download; their versions are checked again
	else
		cp -a .deps/. "$tree/.deps"
		touch "$tree/.deps/done"
	fi
done
for tree in "${trees[@]}"; do
	make -C "$tree" all
done

same=0 differ=0
for file in $(cd "${trees[0]}" && ls bin/* ${with:+.deps/lib/*.a}); do
	if cmp "${trees[0]}/$file" "${trees[1]}/$file"; then
		same=$((same + 1))
	else
		differ=$((differ + 1))
	fi
done
echo "reproducible: $same files are the same, $differ differ"
[ "$differ" -eq 0 ] && [ "$same" -gt 0 ]
