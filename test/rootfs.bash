# make_rootfs DIR: a root filesystem with the commands of busybox and a few users, which belongs to the ids that root and
# alice of an unprivileged container have on the host. Whoever is above DIR must let everyone enter. Sourced by helpers.bash
# and the scripts beside it.
make_rootfs() {
	local root=$1 mapped_root=4294967294

	mkdir -p "$root"/{bin,dev,etc,home/alice,proc,root,sys,tmp,usr,var}
	cp "$(command -v busybox)" "$root/bin/busybox"
	(cd "$root/bin" && ./busybox --list | grep -vx busybox | ./busybox xargs -n1 ./busybox ln -s busybox)
	printf '%s\n' root:x:0:0:root:/root:/bin/sh alice:x:1001:1010:Alice:/home/alice:/bin/sh \
		nobody:x:65534:65534:nobody:/:/bin/false >"$root/etc/passwd"
	printf '%s\n' root:x:0: alice:x:1010: staff:x:1011:alice nobody:x:65534: >"$root/etc/group"
	: >"$root/etc/hosts"
	: >"$root/etc/resolv.conf"
	chown -hR $mapped_root:$mapped_root "$root"
	chown 1001:1010 "$root/home/alice"
	chmod 1777 "$root/tmp"
	chmod 755 "$root"
}
