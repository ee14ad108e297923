# What the tests of nstar share: two containers made with nothing but the plain runtime, transfers into and out of them, and
# looks at what came of it. Sourced after helpers.bash.
#
# KIND says which container is meant: unprivileged (the default) or privileged, which has the host's users. A test may make
# one of its own, called brief.

KINDS='unprivileged privileged'
KIND=unprivileged
MAPPED_ROOT=4294967294
STAFF=1011

nstar_setup_file() {
	depot_begin
	mkdir "$SCRATCH/host" # the host's, which nobody may reach
	echo mine >"$SCRATCH/host/canary"
	for KIND in $KINDS; do
		container_begin
	done
}

nstar_teardown_file() {
	for KIND in $KINDS brief; do
		[ ! -e "$SCRATCH/$KIND/pidfile" ] || container_end
	done
	depot_end
}

container() {
	echo "nstar-test-$GDN_TEST_RUN-$KIND"
}

init_pid() {
	cat "$SCRATCH/$KIND/pidfile"
}

container_begin() {
	local bundle=$SCRATCH/$KIND namespaces='[{ type: "user" }]' mappings capabilities

	mappings='[{ containerID: 0, hostID: 4294967294, size: 1 }, { containerID: 1, hostID: 1, size: 4294967293 }]'
	capabilities='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_MKNOD"]'
	mkdir -m 755 "$bundle"
	make_rootfs "$bundle/rootfs"
	if [ "$KIND" = privileged ]; then
		chown -hR --from=$MAPPED_ROOT:$MAPPED_ROOT 0:0 "$bundle/rootfs"
		namespaces='[]' mappings=null
	fi
	mkdir -m 755 "$bundle/rootfs/small"
	runc spec --bundle "$bundle"
	jq --arg root "$bundle/rootfs" --arg cgroup "/$(container)" ".linux.namespaces += $namespaces
		| .linux.uidMappings = $mappings | .linux.gidMappings = $mappings
		| .process.capabilities |= map_values($capabilities)"' | .root = { path: $root } | .linux.cgroupsPath = $cgroup
		| .process.args = ["/bin/busybox", "sleep", "3600"] | .process.terminal = false
		| .mounts += [
			{ destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] },
			{ destination: "/small", type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=1777"] }
		]' "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
	runc run --detach --bundle "$bundle" --pid-file "$bundle/pidfile" "$(container)" \
		</dev/null >"$bundle/log" 2>&1 3>&- 4>&- || { cat "$bundle/log" && return 1; }
}

container_end() {
	runc delete --force "$(container)" 3>&- 4>&-
}

# nstar PID USER DESTINATION [MEMBER]: the program itself. There is no such tar, and it must not mind.
nstar() {
	"$BIN/nstar" /no/such/tar "$@" 3>&- 4>&-
}

# stream_in USER DIRECTORY, stream_out USER DIRECTORY MEMBER: with the archive on standard input or output.
stream_in() {
	nstar "$(init_pid)" "$@"
}

stream_out() {
	nstar "$(init_pid)" "$@"
}

# listing USER DIRECTORY MEMBER [OPTION]: the names in what is streamed out.
listing() {
	stream_out "${@:1:3}" | tar -t "${@:4}"
}

# inside COMMAND...: busybox's, as root of the container.
inside() {
	runc exec "$(container)" /bin/busybox "$@" </dev/null 3>&- 4>&-
}

# shell SCRIPT: in the container.
shell() {
	inside sh -c "$1"
}

# there PATH: where the host sees a file of the container. Do not follow links from it.
there() {
	echo "/proc/$(init_pid)/root$1"
}

# owner PATH: the ids as the container knows them.
owner() {
	inside stat -c %u:%g "$1"
}

# tree DIRECTORY: all that an archive can bring into it, a line each, to be compared. Of the directory itself, of capabilities
# and of what a file system makes of directories only what is the same everywhere.
tree() {
	(
		cd "$1" || exit
		find . ! -type d -printf '%P %y %m %s %b %n %l %T+\n' -o -printf '%P %y %m %T+\n' | sort
		find . -type f -print0 | sort -z | xargs -0r md5sum
		find . ! -type l -print0 | sort -z | xargs -0 getfattr -d -m 'user|system'
	)
}

# make_tree DIRECTORY: something of everything that an archive can hold.
make_tree() {
	local long

	long=$(printf 'long-%.0s' {1..40})
	mkdir -p "$1/directory" "$1/sealed" "$1/$long/$long/$long"
	(
		umask 022
		cd "$1" || exit
		echo text >directory/file
		: >empty
		head -c 300000 /dev/urandom >random
		touch -d '2001-02-03 04:05:06.789012345' random
		ln random directory/hard-link
		ln -s random link
		ln -s directory link-to-directory
		ln -s /etc/passwd directory/absolute-link
		ln directory/absolute-link second-name-of-a-link
		ln -s ../../up directory/upward-link
		mkfifo -m 640 fifo
		truncate -s 4M holes
		printf data | dd of=holes bs=1 seek=2M conv=notrunc status=none
		truncate -s 1M hole
		echo inside >"$long/$long/$long/$long"
		ln -s "$long$long" long-link
		printf x >$'accent-\xc3\xa9' && printf x >$'accents-e\xcc\x81' && printf x >$'latin-\xe9' && printf x >$'line\nfeed'
		printf x >--help && printf x >-n && printf x >'back\slash' && mkdir ' '
		setfattr -n user.color -v blue directory/file
		setfattr -n user.color -v green directory
		# u::rw- u:1001:r-- g::r-- m::r-- o::r--
		setfattr -n system.posix_acl_access empty -v \
			0x0200000001000600ffffffff02000400e903000004000400ffffffff10000400ffffffff20000400ffffffff
		touch -d '1960-01-01' old
		touch -d '2106-01-01' young
		chmod 4755 empty
		chmod 1777 directory
		chmod 500 sealed
		touch -h -d '1999-12-31 23:59:59' directory link sealed .
	)
}

# snapshot: the host's directory, as it is.
snapshot() {
	find "$SCRATCH/host" -printf '%p %y %m %u %s %T+ %C+\n' | sort
	cat "$SCRATCH/host/canary"
}

# begin_stream USER DIRECTORY: a stream in that waits for its archive, on descriptor $archive; nstar is $nstar.
begin_stream() {
	rm -f "$SCRATCH/stream"
	mkfifo "$SCRATCH/stream"
	"$BIN/nstar" tar "$(init_pid)" "$@" <"$SCRATCH/stream" 2>"$SCRATCH/said" 3>&- 4>&- &
	nstar=$!
	exec {archive}>"$SCRATCH/stream"
}

# slow_stream_out DIRECTORY MEMBER: its archive comes out of descriptor $archive, and nobody reads yet. nstar is $nstar.
slow_stream_out() {
	mkfifo "$W/slow"
	"$BIN/nstar" tar "$(init_pid)" root "$@" >"$W/slow" 2>"$W/said" 3>&- 4>&- &
	nstar=$!
	exec {archive}<"$W/slow"
	head -c 512 <&$archive >"$W/archive"
}

# status_of PID FIELD
status_of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# confined PID: it has come to its steady state.
confined() {
	[ "$(status_of "$1" Seccomp)" = 2 ]
}

# ended PID: waits for it, not for ever; its status is in $status.
ended() {
	eventually -t 20 has_ended "$1" || kill -KILL "$1"
	status=0
	wait "$1" || status=$?
}

has_ended() {
	! alive "$1"
}
