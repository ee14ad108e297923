#!/usr/bin/env bats
# Names to ids, groups and home directories, from the passwd and group files of a container.

load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

setup() {
	R=$BATS_TEST_TMPDIR/root
	mkdir -p "$R/etc"
}

passwd() {
	printf '%s\n' "$@" >"$R/etc/passwd"
}

group() {
	printf '%s\n' "$@" >"$R/etc/group"
}

# lookup WANTED EXPECTED, find NAME EXPECTED: "uid gid home group..."; refused: why not.
lookup() {
	run -0 "$UNITS/users" lookup "$R" "$1"
	assert_output "$2"
}

find_name() {
	run -0 "$UNITS/users" find "$R" "$1"
	assert_output "$2"
}

refused() {
	run -1 "$UNITS/users" "$1" "$R" "$2"
	assert_output "$3"
}

usual() {
	passwd root:x:0:0:root:/root:/bin/sh alice:x:1001:1010:Alice:/home/alice:/bin/sh bob:x:1002:1002::/:
	group root:x:0: alice:x:1010: '#gone:x:1:alice' staff:x:1011:bob,alice audio:x:1012:alice
}

bats_require_minimum_version 1.5.0

@test "users: a name, a number, a group for each of them" {
	usual
	lookup alice '1001 1010 /home/alice 1011 1012'
	lookup 1001 '1001 1010 /home/alice 1011 1012'
	lookup alice:staff '1001 1011 /home/alice'
	lookup alice:77 '1001 77 /home/alice'
	lookup 1001:1012 '1001 1012 /home/alice'
	lookup alice:staff:more '1001 1011 /home/alice'
	lookup alice: '1001 1010 /home/alice 1011 1012'
}

@test "users: nobody named is whoever has the number 0" {
	usual
	lookup '' '0 0 /root'
	passwd toor:x:0:5:t:/r:/bin/sh root:x:0:0:r:/root:/bin/sh
	lookup '' '0 5 /r'
	lookup :staff '0 1011 /r'
	passwd alice:x:1001:1010:Alice:/home/alice:/bin/sh
	lookup '' '0 0 /'
}

@test "users: a number needs no entry, a name does" {
	usual
	lookup 4242 '4242 0 /'
	lookup +4242 '4242 0 /'
	lookup 4242:4343 '4242 4343 /'
	refused lookup nobody 'unable to find user nobody: no matching entries in passwd file'
	refused lookup alice:nobody 'unable to find group nobody: no matching entries in group file'
}

@test "users: a number is never taken for a name" {
	passwd 77:x:1:1::/named: alice:x:77:2::/numbered:
	lookup 77 '77 2 /numbered'
}

@test "users: numbers are 0 to 2147483647, what is more is a name" {
	usual
	lookup 2147483647 '2147483647 0 /'
	for wanted in 2147483648 -1 9223372036854775807 1:2147483648 1:-1; do
		refused lookup "$wanted" 'uids and gids must be in range 0-2147483647'
	done
	refused lookup 9223372036854775808 'unable to find user 9223372036854775808: no matching entries in passwd file'
}

@test "users: the first entry counts" {
	passwd alice:x:1:1::/first: alice:x:2:2::/second: bob:x:1:3::/third:
	lookup alice '1 1 /first'
	lookup 1 '1 1 /first'
}

@test "users: lines are trimmed, what is missing is empty, what is no number is 0" {
	printf '  \n\n \talice:x:1001:1010:Alice:/home/alice:/bin/sh  \nbob:x:many:1002\ncarl' >"$R/etc/passwd"
	lookup alice '1001 1010 /home/alice'
	lookup bob '0 1002 '
	lookup carl '0 0 '
}

@test "users: a line of the passwd file may begin with #, one of the group file is a comment" {
	passwd '#alice:x:5:5::/h:'
	group '#staff:x:6:' 'staff:x:7:'
	lookup '#alice' '5 5 /h'
	lookup '#alice:staff' '5 7 /h'
}

@test "users: without a passwd file there is root, and there are numbers" {
	lookup root '0 0 /'
	lookup '' '0 0 /'
	lookup 5 '5 0 /'
	refused lookup alice 'unable to find user alice: no matching entries in passwd file'
	find_name root '0 0 /'
	refused find alice 'no such file or directory'
}

@test "users: an empty passwd file knows no root" {
	passwd
	refused lookup root 'unable to find user root: no matching entries in passwd file'
	refused find root 'no such entry'
}

@test "users: links stay inside the root" {
	mkdir "$R/data" "$BATS_TEST_TMPDIR/etc"
	echo 'outside:x:1:1::/:' | tee "$BATS_TEST_TMPDIR/etc/passwd" >"$BATS_TEST_TMPDIR/passwd"
	echo 'inside:x:2:2::/:' >"$R/data/passwd"
	for target in /data/passwd ../data/passwd ../../../../data/passwd; do
		ln -sfn "$target" "$R/etc/passwd"
		lookup inside '2 2 /'
	done
	for target in "$BATS_TEST_TMPDIR/passwd" ../../passwd ../../etc/passwd; do
		ln -sfn "$target" "$R/etc/passwd"
		refused lookup outside 'unable to find user outside: no matching entries in passwd file'
	done
	rm -r "${R:?}/etc"
	ln -s /data "$R/etc"
	lookup inside '2 2 /'
	ln -sfn "$BATS_TEST_TMPDIR" "$R/etc"
	refused lookup outside 'unable to find user outside: no matching entries in passwd file'
}

@test "users: the kernel's magic links lead nowhere" {
	echo 'host:x:1:1::/:' >"$BATS_TEST_TMPDIR/host"
	mkdir "$R/proc"
	mount -t proc proc "$R/proc"
	# shellcheck disable=SC2217 # it shall hold the file open, no more
	sleep 1000 <"$BATS_TEST_TMPDIR/host" 3>&- 4>&- &
	ln -s "/proc/$!/fd/0" "$R/etc/passwd"
	run -1 "$UNITS/users" lookup "$R" host
	kill $!
	umount "$R/proc"
	assert_output 'unable to find user host: no matching entries in passwd file'
}

@test "users: what is no regular file counts as empty, and is not waited for" {
	for thing in fifo dir device; do
		case $thing in
		fifo) mkfifo "$R/etc/passwd" ;;
		dir) mkdir "$R/etc/passwd" ;;
		device) mknod "$R/etc/passwd" c 1 5 ;; # zeros without end
		esac
		run -1 timeout 5 "$UNITS/users" lookup "$R" alice
		assert_output 'unable to find user alice: no matching entries in passwd file'
		refused find root 'invalid argument'
		rm -r "$R/etc/passwd"
	done
	usual
	rm "$R/etc/group"
	mkfifo "$R/etc/group"
	lookup alice '1001 1010 /home/alice'
}

@test "users: files and lines have a limit" {
	usual
	{ cat "$R/etc/passwd" && head -c 65000 /dev/zero | tr '\0' a && echo && head -c 66000 /dev/zero | tr '\0' a; } \
		>"$R/long"
	mv "$R/long" "$R/etc/passwd"
	lookup alice '1001 1010 /home/alice 1011 1012'
	refused lookup carl 'unable to find user carl: message too long'
	usual
	head -c 1100000 /dev/zero | tr '\0' a >>"$R/etc/group"
	lookup alice:staff '1001 1011 /home/alice'
	refused lookup alice 'unable to find groups for spec alice: message too long'
	usual
	yes | head -c 11000000 >>"$R/etc/passwd"
	refused lookup alice 'unable to find user alice: file too large'
	refused lookup '' 'unable to find user 0: file too large'
	refused find alice 'file too large'
}

@test "users: by exact name, a number is a name like any other" {
	usual
	find_name alice '1001 1010 /home/alice 1011 1012'
	refused find 1001 'no such entry'
	refused find '' 'no such entry'
	refused find ali 'no such entry'
	refused find alice: 'no such entry'
	echo '1001:x:7:7::/seven:' >>"$R/etc/passwd"
	find_name 1001 '7 7 /seven'
}

@test "users: a last line without an end is a line" {
	printf 'alice:x:1:2::/h:/bin/sh' >"$R/etc/passwd"
	printf 'staff:x:3:bob,alice' >"$R/etc/group"
	find_name alice '1 2 /h 3'
}
