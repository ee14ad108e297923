# What a test can leave behind on a machine, and how to tell. Sourced by test/run and helpers.bash.
#
# Everything that the tests make carries the tag of their run (in a handle, a path, or the environment of a process), so
# that other users of the same machine are not blamed.

# leaks_processes TAG: processes whose command line or cgroup carries the tag, and those with the name of a program of ours,
# zombies too; of the latter it also says whether their environment has the tag. The pattern goes through a descriptor, or
# grep would find itself.
leaks_processes() {
	local path pid name

	while read -r path; do
		{ read -r pid name _ <"${path%/*}/stat"; } 2>/dev/null || continue # it has ended meanwhile
		echo "process $pid $name of $1"
	done < <(grep -lsF -f <(echo "$1") /proc/[0-9]*/{cmdline,cgroup})
	for path in /proc/[0-9]*; do
		{ read -r pid name _ <"$path/stat"; } 2>/dev/null || continue
		case $name in
		'(dadoo)' | '(depotctl)' | '(guardian)' | '(nstar)' | '(garden-init)' | '(runc'*)
			! grep -qsF "$1" "$path/environ" || name+=" of $1"
			echo "process $pid $name"
			;;
		esac
	done
}

# leaks_state TAG: one line for each thing there is: mount, cgroup, network interface, runtime state, scratch file, process.
leaks_state() {
	local tag=$1 path

	cut -d' ' -f5 /proc/self/mountinfo | sed 's/^/mount /'
	find /sys/fs/cgroup -type d \( -path '*/garden*' -o -path "*$tag*" \) -printf 'cgroup %p\n' 2>/dev/null
	for path in /sys/class/net/*; do
		echo "interface ${path##*/}"
	done
	for path in /run/runc/* /run/crun/*; do
		[ ! -e "$path" ] || echo "runtime state $path"
	done
	for path in /tmp/*"$tag"* /tmp/{gdn,garden,dadoo,nstar,bats}* /var/run/gdn/depot/*; do
		[ ! -e "$path" ] || echo "file $path"
	done
	leaks_processes "$tag"
}

# leaks_since BEFORE TAG [strict]: what there is now and was not in the file BEFORE (of leaks_state): only what carries the
# tag, or everything if strict. Gives what is about to go ten seconds: pid 1 may take its time to reap orphans.
leaks_since() {
	local before=$1 tag=$2 filter=$2 deadline=$((SECONDS + 10)) now new

	[ "${3:-}" != strict ] || filter=''
	while
		now=$(leaks_state "$tag") # whole before it is compared, or it would see those who compare
		new=$(comm -13 <(sort -u "$before") <(sort -u <<<"$now") | grep -F -e "$filter")
		[ -n "$new" ] && [ "$SECONDS" -lt "$deadline" ]
	do
		sleep 0.2
	done
	[ -z "$new" ] || printf '%s\n' "$new"
}

# leaks_remove_parents BEFORE: the runtime leaves the empty cgroup `garden` in every hierarchy when a container goes. That is
# how it is; if it was not there before, it goes. One that is not empty stays, and shows.
leaks_remove_parents() {
	find /sys/fs/cgroup -type d -name garden -printf 'cgroup %p\n' 2>/dev/null | sort |
		comm -23 - <(sort -u "$1") | cut -d' ' -f2 | xargs -r rmdir 2>/dev/null || true
}
