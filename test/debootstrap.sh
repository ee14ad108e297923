#!/bin/bash
# Runs `make demo` in a minimal Debian that is made for it and in which only git and make were added, from a clone of this
# repository (or the one named): so that the repository is sure to name everything else that it needs. Takes packages from
# where this machine takes them. Needs root and debootstrap.
set -euo pipefail

repository=$(git -C "${1:-$(dirname "$0")}" rev-parse --show-toplevel)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # these are apt's names, not the shell's
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
	awk -v suite="$suite" '$1 == suite { print $2; exit }')
root=$(mktemp -d /var/tmp/gdn-debootstrap.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT

echo "making a minimal Debian $suite with git and make"
debootstrap --variant=minbase --include=git,make "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
	tail -20 "$root.log" >&2
	exit 1
}
rm -f "$root.log"
for name in sources.list sources.list.d trusted.gpg.d keyrings apt.conf.d; do
	rm -rf "$root/etc/apt/$name" # or the same source would be there twice
	[ ! -e "/etc/apt/$name" ] || cp -aLT "/etc/apt/$name" "$root/etc/apt/$name"
done
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
chmod 755 "$root"

# A root of its own by pivot_root, since the kernel refuses user namespaces to a process in a plain chroot.
echo "running make demo in it"
# shellcheck disable=SC2016 # expanded inside
unshare --mount -- bash -euc '
	cd "$1"
	mount --bind . .
	cd "$1"
	mount --bind -o ro "$2" mnt
	for name in proc sys dev; do
		mount --rbind "/$name" "$name"
	done
	mkdir old
	pivot_root . old
	cd /
	umount -l old
	git clone -q /mnt /root/suite
	cd /root/suite
	make demo
' debootstrap.sh "$root" "$repository" </dev/null
