#!/usr/bin/env bats
# nstar: tar into and out of a container. The oracle is the tar of the host, which it stands in for.

load helpers
load nstar

bats_require_minimum_version 1.5.0
UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

setup_file() { nstar_setup_file; }
teardown_file() { nstar_teardown_file; }

setup() {
	D=/tmp/$BATS_TEST_NUMBER     # of this test, in the container
	V=/var/$BATS_TEST_NUMBER     # the same, on a file system that the host's root may change
	W=$SCRATCH/$BATS_TEST_NUMBER # and on the host
	mkdir "$W"
	umask 022
}

# Own failures -----------------------------------------------------------------------------------------------------------

@test "nstar: too few arguments are answered with the usage" {
	run -1 "$BIN/nstar" tar 1 root
	assert_output --partial 'nstar <tar path> <pid> <user> <destination> [member]'
}

@test "nstar: a pid that is no number is invalid" {
	for pid in '' x 1x -1 ' 1'; do
		run -1 nstar "$pid" root /tmp
		assert_output 'invalid pid'
	done
}

@test "nstar: a process that is not there has no mount namespace" {
	for pid in 0 999999999 $((1 << 32 | $(init_pid))) 99999999999999999999; do
		run -1 nstar "$pid" root /tmp
		assert_output 'open mnt namespace: No such file or directory'
	done
}

@test "nstar: a process of our own mount namespace is in no container" {
	mkdir "$W/destination"
	run -1 nstar $$ root "$W/destination" < <(tar -C "$SCRATCH" -c host)
	assert_output "pid $$ is in no container: Invalid argument"
	run -1 nstar $$ root "$SCRATCH" host
	assert_output "pid $$ is in no container: Invalid argument"
	assert_equal "$(ls "$W/destination")" ''
}

@test "nstar: a user is known by exact name only" {
	for user in nobody-there 0 1001 '' root:root ROOT; do
		run -1 stream_in "$user" "$D" </dev/null
		assert_output 'getpwnam: Success'
	done
}

@test "nstar: a home directory must exist" {
	shell 'mv /home/alice /home/away'
	run -1 stream_in alice "$D" </dev/null
	shell 'mv /home/away /home/alice'
	assert_output 'chdir to user home: No such file or directory'
}

@test "nstar: a destination that is no directory is told" {
	run -1 stream_in root /etc/passwd </dev/null
	assert_output 'open container destination: Not a directory'
	run -1 stream_in alice /etc/passwd/below </dev/null
	assert_output 'mkdir_p_as 1001 1010: Not a directory'
	run -1 stream_out root /not/there . </dev/null
	assert_output 'open container destination: No such file or directory'
}

@test "nstar: a container without a passwd file has root" {
	shell 'mv /etc/passwd /etc/away'
	run -0 listing root /etc hosts
	run -1 stream_out alice /etc hosts
	shell 'mv /etc/away /etc/passwd'
	assert_output 'getpwnam: No such file or directory'
}

# Directories and users --------------------------------------------------------------------------------------------------

@test "nstar: what is missing of a destination is made as the user's, wherever it is" {
	for KIND in $KINDS; do
		shell "mkdir -m 700 $D"
		stream_in alice "$D/a/b//c/" </dev/null
		assert_equal "$(inside stat -c '%n %u:%g %a' "$D" "$D/a" "$D/a/b" "$D/a/b/c")" "$D 0:0 700
$D/a 1001:1010 755
$D/a/b 1001:1010 755
$D/a/b/c 1001:1010 755"
	done
}

@test "nstar: what is made of a destination obeys the umask" {
	(umask 027 && stream_in alice "$D" </dev/null)
	assert_equal "$(inside stat -c '%u %a' "$D")" '1001 750'
}

@test "nstar: a relative destination is taken from the user's home" {
	stream_in alice in/home < <(tar -C "$SCRATCH" -c host)
	assert_equal "$(owner /home/alice/in/home/host/canary)" 1001:1010
	shell 'rm -r /home/alice/in'
}

@test "nstar: links in a destination are the container's" {
	shell "mkdir $D; ln -s $D/there $D/link; mkdir $D/there; ln -s ../../../../../../.. $D/up"
	stream_in root "$D/link/sub" < <(tar -C "$SCRATCH" -c host)
	inside test -f "$D/there/sub/host/canary"
	stream_in root "$D/up/$D/up-there" < <(tar -C "$SCRATCH" -c host)
	inside test -f "$D/up-there/host/canary"
}

@test "nstar: streaming out makes no directory" {
	run -1 stream_out root "$D/missing" file
	refute inside test -e "$D"
}

@test "nstar: files are the user's, whoever they belong to in the archive" {
	for KIND in $KINDS; do
		stream_in alice "$D" < <(tar -C "$SCRATCH" --owner=root:0 --group=adm:4 -c host)
		assert_equal "$(owner "$D/host/canary")" 1001:1010
	done
}

@test "nstar: a user can do what he could in the container" {
	run -2 stream_in alice /etc < <(tar -C "$SCRATCH" -c host)
	assert_line "nstar: host/: Can't create 'host': Permission denied"
	shell "mkdir $D; chgrp $STAFF $D; chmod 770 $D"
	stream_in alice "$D" < <(tar -C "$SCRATCH" -c host) # alice is in staff
}

@test "nstar: the caller's groups are not the user's" {
	KIND=privileged
	shell "mkdir $D; chgrp 4242 $D; chmod 770 $D"
	run -2 setpriv --groups 4242 "$BIN/nstar" tar "$(init_pid)" alice "$D" < <(tar -C "$SCRATCH" -c host)
	assert_output --partial 'Permission denied'
	begin_stream alice /home/alice
	eventually confined "$nstar"
	run -0 status_of "$nstar" Groups
	exec {archive}>&-
	assert_output --regexp "^$STAFF *$"
}

@test "nstar: root keeps the rights that concern files, another user none, and neither gets them back" {
	for KIND in $KINDS; do
		for user in root alice; do
			begin_stream $user /tmp
			eventually confined "$nstar"
			for set in CapInh CapAmb CapBnd; do
				assert_equal "$set $(status_of "$nstar" $set)" "$set 0000000000000000"
			done
			# CHOWN DAC_OVERRIDE FOWNER FSETID SETFCAP
			[ $user = root ] && expected=000000008000001b || expected=0000000000000000
			assert_equal "$(status_of "$nstar" CapEff) $(status_of "$nstar" CapPrm)" "$expected $expected"
			assert_equal "$(status_of "$nstar" NoNewPrivs)" 1
			exec {archive}>&-
		done
	done
}

@test "nstar: no descriptor of it is the host's but the stream" {
	exec {inherited}<"$SCRATCH/host"
	begin_stream root /tmp
	eventually confined "$nstar"
	run -0 find "/proc/$nstar/fd" -type l -printf '%f %l\n'
	exec {archive}>&- {inherited}<&-
	assert_line "0 $SCRATCH/stream"
	refute_output --partial "/ns/"
	assert_equal "$(grep -cv '^[012] ' <<<"$output")" 1 # the container's init
	assert_line --regexp 'anon_inode:\[?pidfd'
}

# Stream in --------------------------------------------------------------------------------------------------------------

# as_user USER COMMAND...: on the host.
as_user() {
	setpriv --reuid "$(id_of "$1")" --clear-groups "${@:2}"
}

id_of() {
	[ "$1" = root ] && echo 0 || echo 1001
}

# What the server's tar was always called with.
usual=(--no-same-permissions --no-same-owner --xattrs '--xattrs-include=*')

@test "nstar: unpacks everything as tar does, as root and as another user" {
	make_tree "$W/source"
	tar -C "$W/source" -S --format=gnu -cf "$W/gnu" .
	tar -C "$W/source" -S --format=posix --xattrs '--xattrs-include=*' -cf "$W/posix" .
	tar -C "$W/source" -S --format=posix --sparse-version=0.0 -cf "$W/sparse-0.0" .
	tar -C "$W/source" -S --format=posix --sparse-version=0.1 -cf "$W/sparse-0.1" .
	for KIND in $KINDS; do
		for user in root alice; do
			for format in gnu posix sparse-0.0 sparse-0.1; do
				rm -rf "$W/tar" && mkdir "$W/tar" && chown "$(id_of $user)" "$W/tar"
				(cd "$W/tar" && as_user $user tar "${usual[@]}" -x <"$W/$format" 2>/dev/null)
				inside rm -rf "$D"
				run -0 stream_in $user "$D" <"$W/$format"
				assert_output ''
				diff <(tree "$W/tar") <(tree "$(there "$D")")
			done
		done
	done
}

@test "nstar: file capabilities come with root, and are left out with a warning otherwise" {
	cp "$BIN/init" "$W/capable"
	setcap cap_net_raw=ep "$W/capable"
	tar -C "$W" --xattrs '--xattrs-include=*' -cf "$W/archive" capable
	for KIND in $KINDS; do
		stream_in root "$D/root" <"$W/archive"
		run -0 getcap -n "$(there "$D/root/capable")"
		assert_output --partial cap_net_raw=ep
		run -0 stream_in alice "$D/alice" <"$W/archive"
		assert_output 'nstar: capable: Cannot restore extended attributes: security.capability'
		cmp "$W/capable" "$(there "$D/alice/capable")"
	done
}

@test "nstar: replaces what is there as tar does" {
	mkdir "$W/new" "$W/old"
	(
		cd "$W/new"
		echo new | tee fifo regular link empty-directory full-directory read-only linked into-link >/dev/null
		mkdir -m 700 directory file dangling
		echo new | tee directory/file file/in >/dev/null
		ln -s nowhere symlink && ln linked other
		touch -d 2001-01-01 directory .
	)
	tar -C "$W/new" -cf "$W/archive" .
	prepare='mkfifo fifo; echo old >regular; echo target >target; ln -s target link; mkdir empty-directory full-directory
		touch full-directory/x; echo old >read-only; chmod 400 read-only; mkdir -m 755 directory; echo old >file
		ln -s nowhere dangling; echo old >symlink; echo old >linked; echo old >other; ln -s target into-link
		touch -d @1000000000 target full-directory/x full-directory'
	(cd "$W/old" && eval "$prepare" && ! timeout 10 tar "${usual[@]}" -x <"$W/archive")
	shell "mkdir $D && cd $D && $prepare"
	run -2 timeout 10 "$BIN/nstar" tar "$(init_pid)" root "$D" <"$W/archive"
	assert_output "nstar: ./full-directory: Can't replace existing directory with non-directory: Directory not empty"
	diff <(tree "$W/old") <(tree "$(there "$D")")
}

@test "nstar: a link to a directory stays, and is followed" {
	mkdir -p "$W/lib" && echo new >"$W/lib/file"
	shell "mkdir -p $D/usr/lib; ln -s usr/lib $D/lib; ln -s $D/usr/lib $D/absolute"
	tar -C "$W" -c lib | stream_in root "$D"
	tar -C "$W" -c --transform s/lib/absolute/ lib | stream_in root "$D"
	assert_equal "$(inside readlink "$D/lib") $(inside cat "$D/usr/lib/file")" 'usr/lib new'
}

@test "nstar: nothing is removed to make place for a directory that a name implies" {
	mkdir "$W/passwd" && echo evil >"$W/passwd/file"
	run -2 stream_in root /etc < <(tar -C "$W" -c passwd/file)
	assert_output 'nstar: passwd/file: Not a directory'
	inside grep -q ^root: /etc/passwd
}

@test "nstar: slashes in front are taken off names and targets of hard links" {
	echo text >"$W/a" && ln "$W/a" "$W/b"
	tar -P -c "$W/a" "$W/b" | stream_in root "$D"
	assert_equal "$(inside stat -c %h "$D$W/a")" 2
}

@test "nstar: a name that leads upward is refused, and the rest goes on" {
	echo text >"$W/file"
	(cd "$W" && tar -P -cf archive --transform 's,^,../../,' file && tar -P -rf archive --transform 's,^,a/../../../,' file &&
		tar -P -rf archive --transform 's,^,..,;s,file,,' file && tar -rf archive file)
	shell "mkdir -p $D/a/b"
	run -2 stream_in root "$D/a/b" <"$W/archive"
	assert_line --index 0 "nstar: ../../file: Path contains '..'"
	assert_line --index 1 "nstar: a/../../../file: Path contains '..'"
	assert_line --index 2 "nstar: ..: Path contains '..'"
	assert_equal "$(inside find "$D" -type f)" "$D/a/b/file"
}

@test "nstar: a hard link that leads upward is refused" {
	mkdir "$W/a" && echo text >"$W/file" && ln "$W/file" "$W/a/link"
	tar -P -C "$W" --transform 's,^file,../file,h' -cf "$W/archive" file a/link
	shell "mkdir -p $D/in; echo secret >$D/file"
	run -2 stream_in root "$D/in" <"$W/archive"
	assert_line "nstar: a/link: Path contains '..'"
	assert_equal "$(inside find "$D/in" -type f)" ''
}

@test "nstar: devices are refused, FIFOs are not" {
	(cd "$W" && mknod null c 1 3 && mknod disk b 7 0 && mkfifo fifo && echo text >file && tar -cf archive null disk fifo file)
	for KIND in $KINDS; do
		run -2 stream_in root "$D" <"$W/archive"
		assert_output 'nstar: null: Device nodes are not extracted
nstar: disk: Device nodes are not extracted'
		assert_equal "$(inside stat -c '%F %n' "$D"/fifo "$D"/file)" "fifo $D/fifo
regular file $D/file"
		assert_equal "$(inside ls "$D")" 'fifo
file'
	done
}

@test "nstar: a stream that ends early fails, and leaves what there was" {
	(cd "$W" && echo first >first && head -c 100000 /dev/urandom >second && tar -cf archive first second)
	for size in 700 1600 2000 60000; do
		run -2 stream_in root "$D" < <(head -c $size "$W/archive")
		assert_output --partial ': Truncated '
		assert_equal "$(inside cat "$D/first")" first
	done
	cmp -n 50000 "$W/second" "$(there "$D/second")"
	# Without the blocks of zeros at its end it is whole, nevertheless.
	stream_in root "$D" < <(head -c 1024 "$W/archive")
	assert_equal "$(inside cat "$D/first")" first
}

@test "nstar: a size that is a lie costs nothing" {
	truncate -s 1T "$W/huge"
	run -2 stream_in root "$D" < <(tar -C "$W" -c huge | head -c 20000)
	assert_output 'nstar: huge: Truncated tar archive'
	assert_equal "$(inside stat -c %s "$D/huge")" $((20000 - 512))
}

@test "nstar: what is no tar archive fails, a compressed one too" {
	echo text >"$W/file"
	for archive in "yes" "echo short" "tar -C $W -cz file"; do
		run -2 stream_in root "$D" < <($archive | head -c 20000)
		assert_output 'nstar: archive: Unrecognized archive format'
	done
	assert_equal "$(inside ls "$D")" ''
}

@test "nstar: an archive of nothing is one" {
	for size in 0 512 1024 10240; do
		run -0 stream_in root "$D" < <(head -c $size /dev/zero)
		assert_output ''
	done
}

@test "nstar: what follows the end of the archive is read and ignored" {
	echo text >"$W/file" && echo more >"$W/more"
	run -0 stream_in root "$D" < <(tar -C "$W" -c file && head -c 1000000 /dev/zero && tar -C "$W" -c more && yes | head -c 1000000
		echo "$?" >"$W/writer")
	assert_equal "$(inside ls "$D")" file
	assert_equal "$(cat "$W/writer")" 0
}

@test "nstar: a full disk fails what does not fit, and the rest goes on" {
	(cd "$W" && head -c 100000 /dev/urandom >large && echo text >small && tar -cf archive large small)
	run -2 stream_in alice /small/sub <"$W/archive"
	assert_line 'nstar: large: Write failed: No space left on device'
	refute_line --partial 'nstar: archive'
	shell 'rm -r /small/*'
}

@test "nstar: names in messages cannot command a terminal" {
	touch "$W"/$'red\e[31m\nline'
	run -2 stream_in alice /etc < <(tar -C "$W" -c .)
	assert_line --partial 'nstar: ./red\033[31m\012line: '
}

# Containment ------------------------------------------------------------------------------------------------------------

@test "nstar: links of an archive lead its own members nowhere" {
	before=$(snapshot)
	cd "$W"
	for target in /etc ../../etc "$SCRATCH/host" ..; do
		rm -rf x y archive
		ln -s "$target" x && ln -s x y && tar -cf archive x y && rm x y
		mkdir x y && echo evil | tee x/passwd x/evil y/passwd y/evil >/dev/null && tar -rf archive x/passwd x/evil y/passwd y/evil
		for KIND in $KINDS; do
			inside rm -rf "$D"
			run -2 stream_in root "$D/a" <archive
			assert_output --partial 'nstar: x/passwd: Not a directory'
			assert_equal "$(inside readlink "$D/a/x")" "$target"
			assert_equal "$(inside find / -xdev -name evil)" ''
			inside grep -q ^root: /etc/passwd
		done
	done
	assert_equal "$(snapshot)" "$before"
}

@test "nstar: a later member of the same name wins over a link" {
	(cd "$W" && ln -s /etc x && tar -cf archive x && rm x && echo text >x && tar -rf archive x)
	stream_in root "$D" <"$W/archive"
	assert_equal "$(inside cat "$D/x")" text
	(cd "$W" && rm x && ln -s /etc x && tar -rf archive x)
	stream_in root "$D" <"$W/archive"
	assert_equal "$(inside readlink "$D/x")" /etc
}

@test "nstar: no archive and no link in the container reaches the host" {
	before=$(snapshot)
	up=../../../../../../../../../..
	cd "$W"
	echo evil >evil
	tar -P -cf archive --transform "s,^,$up$SCRATCH/host/," evil
	tar -P -rf archive --transform "s,^,$SCRATCH/host/," evil
	tar -P -rf archive --transform "s,^,/proc/1/root$SCRATCH/host/," evil
	tar -P -rf archive --transform "s,^,/proc/self/cwd$SCRATCH/host/," evil
	for KIND in $KINDS; do
		shell "mkdir $D; ln -s $SCRATCH/host $D/absolute; ln -s $up$SCRATCH/host $D/relative"
		stream_in root / <archive || true
		for destination in "$SCRATCH/host" "$up$SCRATCH/host" "$D/absolute" "$D/relative" "/proc/1/root$SCRATCH/host"; do
			stream_in root "$destination" <archive || true
			stream_out root "$destination" . | tar -t >>listing || true
			stream_out root / "$destination/canary" | tar -t >>listing || true
		done
		shell "rm -rf $SCRATCH" # which it now has, too
	done
	assert_equal "$(snapshot)" "$before"
	run grep canary listing
	assert_output ''
}

@test "nstar: a user database that leads out or blocks does neither" {
	for KIND in $KINDS; do
		etc=$(there /etc)
		for make in "ln -s $SCRATCH/host/canary" 'ln -s /proc/1/fd/0' mkfifo mkdir "ln -s passwd"; do
			mv "$etc/passwd" "$etc/kept"
			$make "$etc/passwd"
			run timeout 10 "$BIN/nstar" tar "$(init_pid)" alice /tmp </dev/null
			rm -r "$etc/passwd"
			mv "$etc/kept" "$etc/passwd"
			assert_failure 1
			assert_output --partial 'getpwnam: '
		done
	done
}

# meanwhile NAME COMMAND USER DIRECTORY [MEMBER]: a transfer, and what the host does in the container's /var the moment before
# nstar opens NAME.
meanwhile() {
	(cd "$(there "$V")" && timeout 20 "$TOOLS/meanwhile" "$1" "$2" -- "$BIN/nstar" tar "$(init_pid)" "${@:3}" 3>&- 4>&-)
}

@test "nstar: somebody who puts a link in a directory's place meanwhile leads what is unpacked not out of the container" {
	before=$(snapshot)
	mkdir -p "$W/a/b" && echo evil >"$W/a/b/file" && tar -C "$W" -cf "$W/archive" a
	for KIND in $KINDS; do
		for target in "$SCRATCH/host" "../../../../../../../../..$SCRATCH/host" /etc; do
			shell "rm -rf $V; mkdir $V"
			run meanwhile a/b/file "mv a/b a/away && ln -s $target a/b" root "$V" <"$W/archive"
			[ "$status" -eq 2 ] || [ "$target" = /etc ]
			assert_equal "$(inside find / -xdev -name file)" "$([ "$target" != /etc ] || echo /etc/file)"
			inside rm -f /etc/file
		done
	done
	assert_equal "$(snapshot)" "$before"
}

@test "nstar: somebody who puts something in the place of what is packed makes it neither wait nor read elsewhere" {
	for KIND in $KINDS; do
		shell "mkdir -p $V/d; echo secret >/root/secret"
		for thing in 'ln -s /root/secret' 'ln -s /dev/zero' mkfifo mkdir true; do
			shell "rm -rf $V/d/file; echo text >$V/d/file"
			run -1 meanwhile file "rm d/file && $thing d/file" root "$V" d
			assert_line 'nstar: d/file: File removed before we read it'
			refute_output --partial secret
		done
		shell 'rm /root/secret'
	done
}

@test "nstar: somebody who swaps a directory that is being packed leads it nowhere else" {
	shell "mkdir -p $V/d/sub /root/sub; head -c 4000000 /dev/urandom >$V/d/sub/large; echo secret >/root/secret; cp /root/secret /root/sub"
	slow_stream_out "$V" d
	shell "mv $V/d/sub $V/gone; ln -s /root/sub $V/d/sub; mv $V/d $V/away; ln -s /root $V/d; touch $V/gone/after $V/away/after"
	cat <&$archive >>"$W/archive"
	shell 'rm -r /root/secret /root/sub'
	run -0 tar -tf "$W/archive"
	assert_line d/sub/large
	refute_output --partial secret
}

# Stream out -------------------------------------------------------------------------------------------------------------

@test "nstar: packs everything so that tar brings it back" {
	make_tree "$W/source"
	tar -C "$W/source" -S --format=posix --xattrs '--xattrs-include=*' -cf "$W/archive" .
	for KIND in $KINDS; do
		stream_in root "$D" <"$W/archive"
		shell "chmod 4755 $D/empty; chmod 1777 $D/directory; chown 1001:1010 $D/old"
		mkdir "$W/$KIND"
		stream_out root "$D" . | tar -C "$W/$KIND" -xp --xattrs '--xattrs-include=*' --numeric-owner 2>"$W/warnings" || true
		refute grep -v 'time stamp\|hdrcharset' "$W/warnings"
		diff <(tree "$W/$KIND") <(tree "$(there "$D")")
		assert_equal "$(stat -c %u:%g "$W/$KIND/old" "$W/$KIND/random")" '1001:1010
0:0'
	done
}

@test "nstar: what it packs it unpacks" {
	make_tree "$W/source"
	tar -C "$W/source" -S --format=posix --xattrs '--xattrs-include=*' -c . | stream_in root "$D/a"
	stream_out root "$D/a" . | stream_in root "$D/b"
	diff <(tree "$(there "$D/a")") <(tree "$(there "$D/b")")
}

@test "nstar: names of any bytes come out as they are" {
	shell "mkdir $D; cd $D; touch \$(printf 'accent-\303\251 accents-e\314\201 n\351')"
	assert_equal "$(listing root "$D" . --quoting-style=literal | sort)" "$(printf './\n./accent-\xc3\xa9\n./accents-e\xcc\x81\n./n\xe9' | sort)"
	shell "rm $D/n*"
	refute grep -aq hdrcharset <(stream_out root "$D" .) # which tar does not know
}

@test "nstar: entries are listed as tar would" {
	KIND=privileged
	shell "mkdir -p $D/reports/sub; echo text >$D/reports/f; ln -s f $D/reports/l; chown -R 1001:$STAFF $D/reports; chown 7777 $D/reports/f"
	shell "chmod 4751 $D/reports/f; mkfifo $D/reports/p; ln $D/reports/f $D/reports/sub/g"
	for member in . reports reports/f; do
		diff <(stream_out root "$D" $member | tar -tv --numeric-owner | sort) \
			<(tar -C "$(there "$D")" -c $member | tar -tv --numeric-owner | sort)
	done
}

@test "nstar: a member is named, what it holds begins with ./" {
	shell "mkdir -p $D/reports; echo text >$D/reports/f"
	assert_equal "$(listing root "$D" reports)" 'reports/
reports/f'
	assert_equal "$(listing root "$D/reports" .)" './
./f'
	assert_equal "$(listing root "$D/reports" f)" f
	assert_equal "$(listing root / "$D/reports")" "${D#/}/reports/
${D#/}/reports/f"
	assert_equal "$(listing root "$D/reports" ..)" './
./reports/
./reports/f'
}

@test "nstar: owners have the container's names and numbers" {
	for KIND in $KINDS; do
		shell "mkdir $D; touch $D/a $D/b; chown 1001:$STAFF $D/a; chown 7777:8888 $D/b"
		run -0 tar -tv < <(stream_out root "$D" .)
		assert_line --regexp '^d.* root/root .* \./$'
		assert_line --regexp '^-.* alice/staff .* \./a$'
		assert_line --regexp '^-.* 7777/8888 .* \./b$'
		run -0 tar -tv --numeric-owner < <(stream_out root "$D" .)
		assert_line --regexp "^-.* 1001/$STAFF .* \./a$"
	done
}

@test "nstar: a missing member gives no bytes and status 2" {
	stream_out root /etc not-there >"$W/archive" 2>"$W/said" || assert_equal $? 2
	assert_equal "$(cat "$W/said")" 'nstar: not-there: Cannot stat: No such file or directory'
	assert_equal "$(stat -c %s "$W/archive")" 0
}

@test "nstar: a member that looks like an option is a name" {
	shell "mkdir $D; touch $D/--checkpoint-action=exec=id $D/-rf"
	for name in --checkpoint-action=exec=id -rf; do
		assert_equal "$(listing root "$D" $name)" $name
	done
	run -2 stream_out root "$D" --help
	assert_output 'nstar: --help: Cannot stat: No such file or directory'
}

@test "nstar: a link is packed, not what it points to" {
	shell "mkdir $D; ln -s /etc $D/link; mkdir $D/d; ln -s ../../../etc $D/d/link"
	run -0 tar -tv < <(stream_out root "$D" link)
	assert_output --regexp '^l.* link -> /etc$'
	run -0 tar -tv < <(stream_out root "$D" d)
	assert_line --regexp '^l.* d/link -> ../../../etc$'
	refute_line --partial passwd
}

@test "nstar: sockets are left out with a warning" {
	KIND=privileged
	shell "mkdir $D; touch $D/f"
	socat "UNIX-LISTEN:$(there "$D/socket"),unlink-close=0" /dev/null 3>&- 4>&- &
	eventually test -S "$(there "$D/socket")"
	kill $!
	run -0 --separate-stderr listing root "$D" .
	assert_output './
./f'
	assert_equal "$stderr" 'nstar: ./socket: socket ignored'
}

@test "nstar: devices and FIFOs are packed, not read" {
	KIND=privileged
	mkdir -p "$(there "$D")" && mknod "$(there "$D/zero")" c 1 5 && mkfifo "$(there "$D/fifo")"
	run -0 timeout 10 tar -tv < <(stream_out root "$D" .)
	assert_line --regexp '^crw.* 1,5 .* \./zero$'
	assert_line --regexp '^prw.* \./fifo$'
}

@test "nstar: what a user may not read is told, and the rest is packed" {
	shell "mkdir -p $D/open $D/closed; chmod 700 $D/closed; echo text >$D/open/a; echo text >$D/open/b; chmod 600 $D/open/a"
	run -2 --separate-stderr stream_out alice "$D" .
	assert_equal "$(sort <<<"$stderr")" 'nstar: ./closed: Cannot open: Permission denied
nstar: ./open/a: Cannot open: Permission denied'
	run -0 listing root "$D" .
	assert_line ./open/a
}

@test "nstar: mounts below are packed, too" {
	assert_equal "$(listing root / small)" small/
	shell 'echo text >/small/file'
	run -0 tar -t < <(stream_out root / . 2>/dev/null || true)
	assert_line ./small/file
	assert_line ./proc/1/status
	shell 'rm /small/file'
}

@test "nstar: an archive is the same through a pipe, into a file, behind what a file has, and through a socket" {
	shell "mkdir $D; for n in 1 511 512 513 65535 65536 65537 1000000 9999999; do head -c \$n /dev/urandom >$D/\$n; done"
	stream_out root "$D" . | cat >"$W/pipe"
	stream_out root "$D" . >"$W/file"
	: >"$W/appended"
	stream_out root "$D" . >>"$W/appended"
	socat -u "EXEC:$BIN/nstar tar $(init_pid) root $D ." "CREATE:$W/socket"
	cmp "$W/pipe" "$W/file" && cmp "$W/pipe" "$W/appended" && cmp "$W/pipe" "$W/socket"
	mkdir "$W/back" && tar -C "$W/back" -xf "$W/pipe"
	diff -r "$W/back" "$(there "$D")"
	assert_equal $(($(stat -c %s "$W/pipe") % 10240)) 0
}

@test "nstar: a file that shrinks while it is read is filled with zeros, and that is status 1" {
	shell "mkdir $D; head -c 4000000 /dev/urandom >$D/f"
	slow_stream_out "$D" f
	truncate -s 1000000 "$(there "$D/f")"
	cat <&$archive >>"$W/archive"
	ended $nstar
	assert_equal "$status" 1
	assert_equal "$(cat "$W/said")" 'nstar: f: File shrank by 3000000 bytes; padding with zeros'
	tar -C "$W" -xf "$W/archive"
	assert_equal "$(stat -c %s "$W/f")" 4000000
	cmp -n 1000000 "$W/f" "$(there "$D/f")"
}

@test "nstar: a file that grows while it is read is packed as it was begun, and that is status 1" {
	shell "mkdir $D; head -c 4000000 /dev/urandom >$D/f"
	slow_stream_out "$D" f
	echo more >>"$(there "$D/f")"
	cat <&$archive >>"$W/archive"
	ended $nstar
	assert_equal "$status" 1
	assert_equal "$(cat "$W/said")" 'nstar: f: file changed as we read it'
	tar -C "$W" -xf "$W/archive"
	assert_equal "$(stat -c %s "$W/f")" 4000000
}

@test "nstar: a reader that leaves ends it" {
	shell "mkdir $D; head -c 4000000 /dev/urandom >$D/f"
	slow_stream_out "$D" f
	exec {archive}<&-
	ended $nstar
	assert_equal "$status" $((128 + 13))
}

@test "nstar: holes cost nothing, as many or as large as they may be" {
	shell "mkdir $D; truncate -s 1000000000000000 $D/petabyte; truncate -s 2000000000000000 $D/more"
	run -0 timeout 10 tar -tv < <(stream_out root "$D" petabyte)
	assert_output --partial 1000000000000000
	run -2 timeout 10 "$BIN/nstar" tar "$(init_pid)" root "$D" more
	assert_output 'nstar: more: File too large'
}

@test "nstar: directories nested deeper than any path are told, and packed so far" {
	deep=$(printf 'd/%.0s' {1..1000})
	shell "mkdir $D; cd $D; mkdir -p a/$deep b/$deep c/$deep; mv c b/$deep; mv b a/$deep"
	run -2 stream_out root "$D" a >/dev/null
	run -0 wc -l < <(listing root "$D" a 2>/dev/null)
	assert [ "$output" -ge 1000 ]
}

# Both -------------------------------------------------------------------------------------------------------------------

# most_memory PID: what it has used at most, in KiB.
most_memory() {
	status_of "$1" VmHWM | cut -d' ' -f1
}

@test "nstar: needs the same memory for any length" {
	[[ $BIN != *sanitize* ]] || skip "the sanitizers take more"
	truncate -s 1G "$W/file"
	shell "mkdir -p $D/in; ln -s /dev/null $D/in/file"
	begin_stream root "$D"
	tar -C "$W" -c file | head -c 300000000 >&"$archive"
	assert [ "$(most_memory $nstar)" -lt 4096 ]
	exec {archive}>&-
	ended $nstar || true
	slow_stream_out "$D" file
	head -c 200000000 <&$archive >/dev/null
	assert [ "$(most_memory $nstar)" -lt 4096 ]
	exec {archive}<&-
}

@test "nstar: ends when the container does, even while its other side does nothing" {
	KIND=brief
	container_begin
	shell 'head -c 4000000 /dev/urandom >/tmp/f'
	begin_stream root /tmp/in
	eventually confined "$nstar"
	in=$nstar
	slow_stream_out /tmp f
	runc kill "$(container)" KILL
	ended $in
	assert_equal "$status $(cat "$SCRATCH/said")" '2 nstar: archive: the container is gone'
	cat <&$archive >/dev/null
	ended $nstar
	assert_equal "$status $(cat "$W/said")" '2 nstar: f: the container is gone'
	exec {archive}>&-
}

@test "nstar: any other call than for files fails, what could lead further ends it" {
	[[ $BIN != *sanitize* ]] || skip "the filter lets the sanitizers make calls of their own"
	begin_stream root /tmp
	eventually confined "$nstar"
	exec {archive}>&-
	ended $nstar
	assert_equal "$status" 0
	for call in exec fork socket ptrace mount setns chroot unshare chown keyctl bpf; do
		run "$UNITS/filter" $call
		assert_failure $((128 + 31)) # SIGSYS
	done
	for call in device disk executable sysinfo unknown; do
		run "$UNITS/filter" $call
		assert_output 'function not implemented'
	done
	run -1 "$UNITS/filter" fifo
	assert_output 'bad file descriptor' # its arguments are looked at
}
