# The bundle: from what was asked for to config.json and to the process object of an exec. Every rule is asked as a
# function (test/unit/bundle.c), most of them for a machine that the test makes up; the last tests give the result to the
# runtimes.

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

setup_file() { depot_begin; }

teardown_file() {
	find /sys/fs/cgroup -depth -type d -path "*garden-$GDN_TEST_RUN*" -exec rmdir {} \;
	depot_end
}

# bundle REQUEST [FILTER]: what jq's FILTER makes of the config.json for the request, on a machine made up unless the
# request says "host": null.
bundle() {
	request "$1" | "$UNITS/bundle" compose 2>/dev/null | jq -c "${2:-.}"
}

# refused REQUEST TEXT: it is bad input, in these words.
refused() {
	run -2 "$UNITS/bundle" compose < <(request "$1")
	assert_output "$2"
}

request() {
	jq -nc "{host: {}} + $1 | if .host == null then del(.host) else . end"
}

# saved NAME REQUEST: makes $BATS_TEST_TMPDIR/NAME/config.json.
saved() {
	mkdir -p "$BATS_TEST_TMPDIR/$1"
	request "$2" | "$UNITS/bundle" save "$BATS_TEST_TMPDIR/$1"
}

# process NAME REQUEST [FILTER]: what jq's FILTER makes of the process object.
process() {
	jq -nc "$2" | "$UNITS/bundle" process "$BATS_TEST_TMPDIR/$1" | jq -c "${3:-.}"
}

UNPRIV='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FSETID","CAP_FOWNER","CAP_MKNOD","CAP_NET_RAW","CAP_SETGID","CAP_SETUID",
	"CAP_SETFCAP","CAP_SETPCAP","CAP_NET_BIND_SERVICE","CAP_SYS_CHROOT","CAP_KILL","CAP_AUDIT_WRITE"]'
UNPRIV=${UNPRIV//[[:space:]]/}
PRIV='["CAP_AUDIT_CONTROL","CAP_AUDIT_READ","CAP_AUDIT_WRITE","CAP_BLOCK_SUSPEND","CAP_CHOWN","CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH","CAP_FOWNER","CAP_FSETID","CAP_IPC_LOCK","CAP_IPC_OWNER","CAP_KILL","CAP_LEASE",
	"CAP_LINUX_IMMUTABLE","CAP_MAC_ADMIN","CAP_MAC_OVERRIDE","CAP_MKNOD","CAP_NET_ADMIN","CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST","CAP_NET_RAW","CAP_SETGID","CAP_SETFCAP","CAP_SETPCAP","CAP_SETUID","CAP_SYS_ADMIN",
	"CAP_SYS_BOOT","CAP_SYS_CHROOT","CAP_SYS_MODULE","CAP_SYS_NICE","CAP_SYS_PACCT","CAP_SYS_PTRACE","CAP_SYS_RAWIO",
	"CAP_SYS_RESOURCE","CAP_SYS_TIME","CAP_SYS_TTY_CONFIG","CAP_SYSLOG","CAP_WAKE_ALARM"]'
PRIV=${PRIV//[[:space:]]/}

# The file -----------------------------------------------------------------------------------------------------------

@test "bundle: keys stand in the order of the contract" {
	run bundle '{env: ["A=1"], limits: {memory_bytes: 1, cpu_shares: 2, pids: 3},
		settings: {no_new_privileges: true, apparmor: "p", default_blockio_weight: 10}}' \
		'keys_unsorted, (.process | keys_unsorted), (.linux | keys_unsorted), (.linux.resources | keys_unsorted)'
	assert_line -n 0 '["ociVersion","process","root","hostname","mounts","linux","windows"]'
	assert_line -n 1 '["consoleSize","user","args","env","cwd","capabilities","noNewPrivileges","apparmorProfile"]'
	assert_line -n 2 '["uidMappings","gidMappings","sysctl","resources","cgroupsPath","namespaces","seccomp","rootfsPropagation","maskedPaths"]'
	assert_line -n 3 '["memory","cpu","pids","blockIO"]'
	run bundle '{privileged: true, limits: {memory_bytes: 1, cpu_shares: 2, pids: 3}, host: {cgroup_v2: true},
		settings: {default_blockio_weight: 10}}' '(.linux | keys_unsorted), (.linux.resources | keys_unsorted)'
	assert_line -n 0 '["sysctl","resources","namespaces","devices","rootfsPropagation"]'
	assert_line -n 1 '["devices","memory","pids","blockIO","unified"]'
}

@test "bundle: the file is one line of compact JSON, mode 0600, written beside and renamed" {
	saved box '{env: ["A=a/b <c> & d"]}'
	cd "$BATS_TEST_TMPDIR/box"
	assert_equal "$(ls -A)" config.json
	assert_equal "$(stat -c %a config.json)" 600
	assert_equal "$(wc -l <config.json)" 1
	grep -qF '"env":["A=a/b \u003cc\u003e \u0026 d"],"cwd":"/"' config.json
	run ! grep -E '": |, "' config.json
}

@test "bundle: a string that is not UTF-8 is refused before a runtime sees it" {
	printf '{"host": {}, "env": ["A=\xff"]}' >"$BATS_TEST_TMPDIR/request"
	run -2 "$UNITS/bundle" compose <"$BATS_TEST_TMPDIR/request"
	assert_output "a string is not UTF-8, which is all that JSON can carry"
}

@test "bundle: loading says what is wrong with the file" {
	mkdir "$BATS_TEST_TMPDIR/box"
	run -1 "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/box"
	assert_output "Failed to load bundle: open config.json: no such file or directory"
	echo '{"linux":' >"$BATS_TEST_TMPDIR/box/config.json"
	run -1 "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/box"
	assert_output --regexp "^Failed to load bundle: ."
	echo '[]' >"$BATS_TEST_TMPDIR/box/config.json"
	run -1 "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/box"
	assert_output "Failed to load bundle: config.json is no object"
}

@test "bundle: saving says why it failed" {
	run -1 "$UNITS/bundle" save /proc/self < <(request '{}')
	assert_output --regexp "^Failed to save bundle: write config.json: ."
}

@test "bundle: a loaded one tells its kind, its root filesystem and its ids" {
	saved unprivileged '{rootfs: "/r"}'
	saved privileged '{rootfs: "/p", privileged: true}'
	saved narrow '{settings: {uid_map_start: 1000, uid_map_length: 10}}'
	run "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/unprivileged" 0
	assert_output "unprivileged /r 4294967294 4294967294"
	run "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/unprivileged" 7
	assert_output "unprivileged /r 7 4294967294"
	run "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/privileged" 0
	assert_output "privileged /p 0 0"
	run "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/narrow" 10
	assert_output "unprivileged /rootfs 1009 4294967294"
	run "$UNITS/bundle" facts "$BATS_TEST_TMPDIR/narrow" 11
	assert_output "unprivileged /rootfs 11 4294967294"
}

# Init, root, hostname, env ------------------------------------------------------------------------------------------

@test "bundle: init is the process, as root in /, without a terminal" {
	run bundle '{}' '.process | del(.capabilities)'
	assert_output '{"consoleSize":{"height":0,"width":0},"user":{"uid":0,"gid":0},"args":["/tmp/garden-init"],"cwd":"/"}'
	run bundle '{rootfs: "/r"}' '[.ociVersion, .root, .windows]'
	assert_output '["1.0.0",{"path":"/r"},{"layerFolders":[],"network":{}}]'
}

@test "bundle: a root filesystem must be an absolute path" {
	refused '{rootfs: "r"}' "root filesystem r: not an absolute path"
}

@test "bundle: the hostname is the handle, or what was asked for, or absent" {
	run bundle '{handle: "h"}' .hostname
	assert_output '"h"'
	run bundle '{handle: "h", hostname: "other"}' .hostname
	assert_output '"other"'
	run bundle '{handle: "h", hostname: ""}' 'has("hostname")'
	assert_output false
}

@test "bundle: of a hostname the last 49 bytes are kept" {
	run bundle '{handle: ("a" * 49)}' '.hostname | length'
	assert_output 49
	run bundle '{handle: ("a" + "b" * 49)}' '.hostname == "b" * 49'
	assert_output true
}

@test "bundle: the image's environment comes first, nothing is de-duplicated, none is no key" {
	run bundle '{image_env: ["A=1", "B=2"], env: ["A=3"]}' .process.env
	assert_output '["A=1","B=2","A=3"]'
	run bundle '{}' '.process | has("env")'
	assert_output false
}

# Privilege ----------------------------------------------------------------------------------------------------------

@test "bundle: an unprivileged init has 14 capabilities in four sets" {
	run bundle '{}' '.process.capabilities | keys_unsorted, (.[])'
	assert_line -n 0 '["bounding","effective","inheritable","permitted"]'
	for set in 1 2 3 4; do
		assert_line -n $set "$UNPRIV"
	done
}

@test "bundle: a privileged init has 38 capabilities in three sets" {
	run bundle '{privileged: true}' '.process.capabilities | keys_unsorted, (.[])'
	assert_line -n 0 '["bounding","inheritable","permitted"]'
	for set in 1 2 3; do
		assert_line -n $set "$PRIV"
	done
}

@test "bundle: what our own bounding set lacks, a privileged container lacks, an unprivileged one does not" {
	local all_but_two=$(((1 << 41) - 1 & ~(1 << 12 | 1 << 37))) # CAP_NET_ADMIN and CAP_AUDIT_READ

	run bundle "{privileged: true, host: {capabilities: $all_but_two}}" "$PRIV - .process.capabilities.bounding"
	assert_output '["CAP_AUDIT_READ","CAP_NET_ADMIN"]'
	run bundle '{host: {capabilities: 0}}' .process.capabilities.bounding
	assert_output "$UNPRIV"
}

@test "bundle: capabilities that are left out are logged, once and by name" {
	run -0 --separate-stderr setpriv --bounding-set -sys_boot,-wake_alarm "$UNITS/bundle" compose \
		< <(request '{handle: "h", privileged: true, host: null}')
	assert_regex "$stderr" '^bundle: h: privileged, but without what this host does not give: .*CAP_SYS_BOOT.*CAP_WAKE_ALARM$'
	run -0 --separate-stderr setpriv --bounding-set -mknod "$UNITS/bundle" compose < <(request '{host: null}')
	assert_equal "$stderr" ""
}

@test "bundle: only a privileged container lacks a user namespace" {
	run bundle '{}' '[.linux.namespaces[] | keys[] as $key | {($key): .[$key]}] | tostring'
	assert_output '"[{\"type\":\"network\"},{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"mount\"},{\"type\":\"user\"}]"'
	run bundle '{privileged: true}' '[.linux.namespaces[].type]'
	assert_output '["network","pid","uts","ipc","mount"]'
}

@test "bundle: paths are masked, none is read-only, and propagation is private" {
	run bundle '{}' '.linux | .maskedPaths, .readonlyPaths, .rootfsPropagation'
	assert_line -n 0 '["/proc/kcore","/proc/latency_stats","/proc/sched_debug","/proc/scsi","/proc/timer_list","/proc/timer_stats","/proc/keys","/sys/firmware"]'
	assert_line -n 1 null
	assert_line -n 2 '"private"'
	run bundle '{privileged: true}' '.linux | [.maskedPaths, .rootfsPropagation]'
	assert_output '[null,"private"]'
}

@test "bundle: no new privileges and an AppArmor profile are for unprivileged containers" {
	local settings='settings: {no_new_privileges: true, apparmor: "profile"}' wanted='[.process.noNewPrivileges,
		.process.apparmorProfile, .linux.sysctl["net.ipv4.ping_group_range"]]'

	run bundle "{$settings}" "$wanted"
	assert_output '[true,"profile","1 65535"]'
	run bundle "{privileged: true, $settings}" "$wanted"
	assert_output '[null,null,null]'
	run bundle '{settings: {apparmor: ""}}' "$wanted"
	assert_output '[null,null,null]'
}

# Ids ----------------------------------------------------------------------------------------------------------------

@test "bundle: root is the highest id, all others are a range" {
	run bundle '{}' '.linux | .uidMappings, .gidMappings'
	assert_line -n 0 '[{"containerID":0,"hostID":4294967294,"size":1},{"containerID":1,"hostID":1,"size":4294967293}]'
	assert_line -n 1 '[{"containerID":0,"hostID":4294967294,"size":1},{"containerID":1,"hostID":1,"size":4294967293}]'
	run bundle '{settings: {uid_map_start: 100, gid_map_start: 200, gid_map_length: 50}, host: {highest_id: 999}}' \
		'.linux | .uidMappings, .gidMappings'
	assert_line -n 0 '[{"containerID":0,"hostID":999,"size":1},{"containerID":1,"hostID":100,"size":899}]'
	assert_line -n 1 '[{"containerID":0,"hostID":999,"size":1},{"containerID":1,"hostID":200,"size":50}]'
	run bundle '{privileged: true}' '.linux | [.uidMappings, .gidMappings]'
	assert_output '[null,null]'
}

@test "bundle: a map that begins beyond the highest id is refused" {
	refused '{settings: {gid_map_start: 999}, host: {highest_id: 999}}' \
		"gid map: ids cannot be mapped from 999 on: the highest id here is 999"
}

@test "bundle: the highest id is that of all lines of a uid_map" {
	run "$UNITS/bundle" uid_map "         0          0 4294967295"$'\n'
	assert_output 4294967294
	run "$UNITS/bundle" uid_map $'0 1000 1\n10 100000 65536\n1 5 9\n'
	assert_output 65545
	run "$UNITS/bundle" uid_map ""
	assert_output 0
	run -1 "$UNITS/bundle" uid_map $'0 1 2\n3 x 4\n'
	assert_output 'expected three numbers while parsing line "3 x 4"'
	run -1 "$UNITS/bundle" uid_map $'0 1\n2\n'
	assert_output 'expected three numbers while parsing line "0 1"'
}

# Mounts -------------------------------------------------------------------------------------------------------------

@test "bundle: every container gets file systems of its own" {
	run bundle '{settings: {init: "/bin/init"}, bundle_path: "/depot/h"}' '.mounts[] | [.destination, .type, .source] + .options'
	assert_line -n 0 '["/sys","sysfs","sysfs","noexec","nosuid","nodev","ro"]'
	assert_line -n 1 '["/dev","tmpfs","tmpfs","noexec","strictatime","mode=755"]'
	assert_line -n 2 '["/dev/shm","tmpfs","tmpfs","noexec","nosuid","nodev","mode=1777"]'
	assert_line -n 3 '["/dev/mqueue","mqueue","mqueue","noexec","nosuid","nodev"]'
	assert_line -n 4 '["/dev/pts","devpts","devpts","nosuid","noexec","newinstance","gid=5","ptmxmode=0666","mode=0620"]'
	assert_line -n 5 '["/tmp/garden-init","bind","/bin/init","bind"]'
	assert_line -n 6 '["/proc","proc","proc","nosuid","noexec","nodev"]'
	assert_line -n 7 '["/sys/fs/cgroup","cgroup","cgroup","ro","nosuid","noexec","nodev"]'
	assert_line -n 8 '["/etc/hosts","bind","/depot/h/hosts","bind","rw"]'
	assert_line -n 9 '["/etc/resolv.conf","bind","/depot/h/resolv.conf","bind","rw"]'
	assert_equal "${#lines[@]}" 10
}

@test "bundle: a privileged container cannot write to init, and sees no cgroups" {
	local wanted='[.mounts[] | select(.destination | IN("/tmp/garden-init", "/sys/fs/cgroup"))] | map(.options)'

	run bundle '{privileged: true}' "$wanted"
	assert_output '[["bind","ro"]]'
	run bundle '{privileged: true, host: {cgroup_v2: true}}' "$wanted"
	assert_output '[["bind","ro"]]'
	run bundle '{host: {cgroup_v2: true}}' "$wanted"
	assert_output '[["bind"]]'
}

@test "bundle: the image's mounts come first, then the usual ones, then those asked for" {
	run bundle '{image_mounts: [{destination: "/i", type: "tmpfs"}, null, 7], bind_mounts: [
		{source: "/b", destination: "/bb"}, {source: "/a", destination: "/aa"}]}' \
		'[.mounts[].destination | select(IN("/i", "/sys", "/sys/fs/cgroup", "/bb", "/aa", "/etc/hosts", "/etc/resolv.conf"))]'
	assert_output '["/i","/sys","/sys/fs/cgroup","/bb","/aa","/etc/hosts","/etc/resolv.conf"]'
}

@test "bundle: a bind mount is read-only unless writable, and keeps the restrictions of its source" {
	local binds='bind_mounts: [{source: "/s", destination: "/a"}, {source: "/s", destination: "/b", writable: true}]'

	run bundle "{$binds}" '.mounts[-4, -3]'
	assert_line -n 0 '{"destination":"/a","type":"bind","source":"/s","options":["bind","ro"]}'
	assert_line -n 1 '{"destination":"/b","type":"bind","source":"/s","options":["bind","rw"]}'
	# In statvfs(3)'s flags: 1 read-only, 2 nosuid, 4 nodev, 8 noexec, 1024 noatime, 2048 nodiratime, 4096 relatime.
	run bundle "{$binds, host: {source_flags: [7183, 4097], bundle_flags: 2}}" '[.mounts[-4, -3, -2, -1].options]'
	assert_output '[["bind","ro","nosuid","nodev","noexec","noatime","nodiratime"],["bind","rw"],["bind","rw","nosuid"],["bind","rw","nosuid"]]'
}

@test "bundle: the restrictions of a source are those of its file system" {
	local source=$BATS_TEST_TMPDIR/source

	mkdir "$source"
	run unshare -m sh -c 'mount -t tmpfs -o nodev,noexec none "$1" && exec "$2" compose' - "$source" "$UNITS/bundle" \
		< <(request "{host: null, bind_mounts: [{source: \"$source\", destination: \"/d\"}]}")
	assert_equal "$(jq -c '.mounts[-3].options | sort' <<<"$output")" '["bind","nodev","noexec","ro"]'
}

@test "bundle: a bind mount whose source is missing is refused, and the path named" {
	refused '{host: null, bind_mounts: [{source: "/no/such", destination: "/d"}]}' \
		"bind mount source /no/such: no such file or directory"
}

@test "bundle: source and destination of a bind mount must be absolute" {
	refused '{host: null, bind_mounts: [{source: "s", destination: "/d"}]}' "bind mount source s: not an absolute path"
	refused '{host: null, bind_mounts: [{source: "", destination: "/d"}]}' "bind mount source : not an absolute path"
	refused '{bind_mounts: [{source: "/s", destination: "d"}]}' "bind mount destination d: not an absolute path"
}

# Limits -------------------------------------------------------------------------------------------------------------

@test "bundle: without limits there are no keys" {
	run bundle '{}' .linux.resources
	assert_output '{}'
	run bundle '{host: {cgroup_v2: true}, settings: {cpu_quota_per_share: 10}}' .linux.resources
	assert_output '{}'
}

@test "bundle: memory limits swap too, unless that is disabled" {
	run bundle '{limits: {memory_bytes: 67108864}}' .linux.resources
	assert_output '{"memory":{"limit":67108864,"swap":67108864}}'
	run bundle '{limits: {memory_bytes: 67108864}, settings: {disable_swap_limit: true}, host: {cgroup_v2: true}}' .linux.resources
	assert_output '{"memory":{"limit":67108864}}'
}

@test "bundle: limits are capped where the runtime's numbers are signed" {
	printf '{"host": {}, "limits": {"memory_bytes": %s, "pids": %s, "cpu_shares": %s}}' 18446744073709551615{,,} >"$BATS_TEST_TMPDIR/request"
	run "$UNITS/bundle" compose <"$BATS_TEST_TMPDIR/request"
	assert_output --partial '"resources":{"memory":{"limit":9223372036854775807,"swap":9223372036854775807},"cpu":{"shares":18446744073709551615},"pids":{"limit":9223372036854775807}}'
}

@test "bundle: shares are shares on cgroup version 1, with a quota if the operator wants one" {
	run bundle '{limits: {cpu_shares: 10}}' .linux.resources.cpu
	assert_output '{"shares":10}'
	run bundle '{limits: {cpu_shares: 128}, settings: {cpu_quota_per_share: 10}}' .linux.resources.cpu
	assert_output '{"shares":128,"quota":1280,"period":100000}'
	run bundle '{limits: {cpu_shares: 5}, settings: {cpu_quota_per_share: 10}}' .linux.resources.cpu
	assert_output '{"shares":5,"quota":1000,"period":100000}'
	printf '{"host": {}, "limits": {"cpu_shares": 4294967296}, "settings": {"cpu_quota_per_share": 4294967296}}' >"$BATS_TEST_TMPDIR/request"
	run "$UNITS/bundle" compose <"$BATS_TEST_TMPDIR/request"
	assert_output --partial '"quota":9223372036854775807,'
}

@test "bundle: shares become a weight on cgroup version 2" {
	run bundle '{host: {cgroup_v2: true}, limits: {cpu_shares: 128, pids: 300}, settings: {cpu_quota_per_share: 10}}' .linux.resources
	assert_output '{"pids":{"limit":300},"unified":{"cpu.max":"1280 100000","cpu.weight":"21"}}'
	run bundle '{host: {cgroup_v2: true}, limits: {cpu_shares: 128}}' .linux.resources
	assert_output '{"unified":{"cpu.weight":"21"}}'
	for pair in 0:0 1:1 2:1 10:4 100:17 128:21 1024:100 2048:174 262143:10000 262144:10000 300000:10000; do
		run "$UNITS/bundle" weight "${pair%:*}"
		assert_output "${pair#*:}"
	done
}

@test "bundle: the block IO weight is the operator's" {
	run bundle '{settings: {default_blockio_weight: 500}}' .linux.resources
	assert_output '{"blockIO":{"weight":500}}'
}

@test "bundle: the cgroup has the tag in its root's name, and a privileged container none" {
	run bundle '{handle: "h"}' .linux.cgroupsPath
	assert_output '"garden/h"'
	run bundle '{handle: "h", settings: {tag: "x"}}' .linux.cgroupsPath
	assert_output '"garden-x/h"'
	run bundle '{handle: "h", settings: {tag: "x"}, host: {cgroup_v2: true}}' .linux.cgroupsPath
	assert_output '"/garden-x/h"'
	run bundle '{privileged: true}' .linux.cgroupsPath
	assert_output null
}

@test "bundle: kernel parameters are the operator's, or else the host's" {
	run bundle '{}' .linux.sysctl
	assert_output '{"net.ipv4.tcp_keepalive_intvl":"2","net.ipv4.tcp_keepalive_probes":"3","net.ipv4.tcp_keepalive_time":"1","net.ipv4.tcp_retries1":"4","net.ipv4.tcp_retries2":"5"}'
	run bundle '{host: null, settings: {tcp_keepalive_time: 11, tcp_keepalive_interval: 12, tcp_keepalive_probes: 13, tcp_retries1: 14, tcp_retries2: 15}}' \
		'.linux.sysctl | map(tonumber)'
	assert_output '[12,13,11,14,15]'
	run bundle '{host: null, privileged: true, settings: {tcp_retries2: 7}}' '.linux.sysctl["net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_retries2"] | tonumber'
	assert_line -n 0 "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)"
	assert_line -n 1 7
}

@test "bundle: a kernel parameter that cannot be read is named" {
	echo x >"$BATS_TEST_TMPDIR/parameter"
	run unshare -m sh -c 'mount --bind "$1" /proc/sys/net/ipv4/tcp_retries1 && exec "$2" compose' - \
		"$BATS_TEST_TMPDIR/parameter" "$UNITS/bundle" < <(request '{host: null}')
	assert_output 'failed to retrieve kernel parameter "net.ipv4.tcp_retries1": read /proc/sys/net/ipv4/tcp_retries1: invalid argument'
}

# Devices ------------------------------------------------------------------------------------------------------------

# device_rules RULE...: the rules of a privileged container, one a line, as the kernel writes them.
device_rules() {
	local rules

	rules=$(printf '%s\n' "$@" | jq -R 'select(. != "")' | jq -sc .)
	bundle "{privileged: true, settings: {device_rules: $rules}}" '.linux.resources.devices[]' |
		jq -r 'if .allow then "" else "deny " end + (.type // "a") + " \(.major // -1):\(.minor // -1) " + .access' | sed 's/-1/*/g'
}

@test "bundle: a privileged container gets fuse, and the usual devices" {
	run bundle '{privileged: true}' .linux.devices
	assert_output '[{"path":"/dev/fuse","type":"c","major":10,"minor":229,"fileMode":438}]'
	run device_rules
	assert_output "$(printf '%s\n' 'deny a *:* rwm' 'c *:* m' 'b *:* m' 'c 1:3 rwm' 'c 1:8 rwm' 'c 1:7 rwm' 'c 5:0 rwm' \
		'c 1:5 rwm' 'c 1:9 rwm' 'c 136:* rwm' 'c 5:2 rwm' 'c 10:200 rwm' 'c 10:229 rwm')"
	run bundle '{privileged: true}' '.linux.resources.devices[:2], .linux.resources.devices[3]'
	assert_line -n 0 '[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":-1,"minor":-1,"access":"m"}]'
	assert_line -n 1 '{"allow":true,"type":"c","major":1,"minor":3,"access":"rwm"}'
	run bundle '{}' '.linux | [.devices, .resources.devices]'
	assert_output '[null,null]'
}

@test "bundle: crun is told of all devices by leaving the number out, since it hands -1 to the kernel" {
	run bundle '{privileged: true, settings: {runtime: "/usr/bin/crun"}}' '.linux.resources.devices[1]'
	assert_output '{"allow":true,"type":"c","access":"m"}'
}

@test "bundle: the operator's device rules come first and take the place of the usual ones" {
	run device_rules 'c 1:3 r' 'b *:* rwm' 'c 10:99 rw' 'c 136:0 r'
	assert_output "$(printf '%s\n' 'deny a *:* rwm' 'c 1:3 r' 'b *:* rwm' 'c 10:99 rw' 'c 136:0 r' 'c *:* m' 'c 1:8 rwm' \
		'c 1:7 rwm' 'c 5:0 rwm' 'c 1:5 rwm' 'c 1:9 rwm' 'c 136:* rwm' 'c 5:2 rwm' 'c 10:200 rwm' 'c 10:229 rwm')"
	run device_rules 'c *:* rw' 'c 136:* r'
	assert_output "$(printf '%s\n' 'deny a *:* rwm' 'c *:* rw' 'c 136:* r' 'b *:* m')"
}

@test "bundle: a device rule that cannot be read is refused, for unprivileged containers too" {
	refused '{settings: {device_rules: ["c 1:3"]}}' "invalid device specification: c 1:3"
	refused '{settings: {device_rules: ["c  1:3 r"]}}' "invalid device specification: c  1:3 r"
	refused '{settings: {device_rules: ["c 1:3 r "]}}' "invalid device specification: c 1:3 r "
	refused '{settings: {device_rules: ["c 13 r"]}}' "invalid device versions: c 13 r"
	refused '{settings: {device_rules: ["c 1:3:5 r"]}}' "invalid device versions: c 1:3:5 r"
	refused '{settings: {device_rules: ["c x:3 r"]}}' "invalid device major version: c x:3 r"
	refused '{settings: {device_rules: ["c 1: r"]}}' "invalid device minor version: c 1: r"
	refused '{privileged: true, settings: {device_rules: ["c 1:3 r", "c 1:3x r"]}}' "invalid device minor version: c 1:3x r"
}

# Seccomp ------------------------------------------------------------------------------------------------------------

@test "bundle: system calls are a list of what is allowed, for unprivileged containers" {
	run bundle '{}' '.linux.seccomp | .defaultAction, .architectures, (.syscalls | length), ([.syscalls[] | select(. == {names, action: "SCMP_ACT_ALLOW"} and (.names | length) == 1)] | length)'
	assert_line -n 0 '"SCMP_ACT_ERRNO"'
	assert_line -n 1 '["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"]'
	assert_line -n 2 317
	assert_line -n 3 312
	run bundle '{privileged: true}' '.linux | has("seccomp")'
	assert_output false
	run bundle '{host: {machine: "aarch64"}}' .linux.seccomp.architectures
	assert_output '["SCMP_ARCH_AARCH64","SCMP_ARCH_ARM"]'
}

@test "bundle: the list of system calls is the contract's, in its order" {
	run bundle '{}' '[.linux.seccomp.syscalls[].names[]] | [.[:3], .[-7:]]'
	assert_output '[["accept","accept4","access"],["writev","arch_prctl","modify_ldt","chroot","clone","clone3","ptrace"]]'
	run bundle '{}' '[.linux.seccomp.syscalls[].names[] | select(IN("mount", "umount2", "setns", "unshare", "keyctl",
		"add_key", "bpf", "perf_event_open", "init_module", "kexec_load", "reboot", "pivot_root", "swapon"))]'
	assert_output '[]'
	# All of it: whoever changes the list changes this with it, knowingly.
	run bundle '{}' '.linux.seccomp.syscalls[].names[]'
	assert_equal "$(printf '%s\n' "${lines[@]}" | tr -d '"' | sha256sum)" "e3dc16de688c2d27dad23b70425b447bdad0a9e03e7abe55f7393b4c713bfed5  -"
}

@test "bundle: some system calls are allowed by their argument only" {
	run bundle '{}' '.linux.seccomp.syscalls[] | select(.names[0] | IN("personality", "clone", "clone3"))'
	assert_line -n 0 '{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":0,"op":"SCMP_CMP_EQ"}]}'
	assert_line -n 1 '{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}'
	assert_line -n 2 '{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"op":"SCMP_CMP_EQ"}]}'
	assert_line -n 3 '{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2080505856,"op":"SCMP_CMP_MASKED_EQ"}]}'
	assert_line -n 4 '{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}'
}

@test "bundle: ptrace is allowed from kernel 4.8 on" {
	for pair in '[4,7]:false' '[4,8]:true' '[3,19]:false' '[5,0]:true'; do
		run bundle "{host: {kernel: ${pair%:*}}}" 'any(.linux.seccomp.syscalls[]; .names == ["ptrace"])'
		assert_output "${pair#*:}"
	done
}

@test "bundle: a kernel's version is read from the front of its release" {
	for pair in '6.1.0-13-amd64:6 1' '5.4:5 4' '6-rc1:6 0' '4.8.0+:4 8'; do
		run "$UNITS/bundle" kernel "${pair%:*}"
		assert_output "${pair#*:}"
	done
	run -1 "$UNITS/bundle" kernel v6.1
	assert_output "malformed version: v6.1"
}

# The process object -------------------------------------------------------------------------------------------------

@test "bundle: a process object is compact, in the contract's order, without a newline" {
	saved box '{env: ["C=1"], settings: {no_new_privileges: true, apparmor: "p"}}'
	jq -nc '{path: "/bin/sh", args: ["-c", "<x>"], env: ["A=1"], user: "alice", uid: 1000, gid: 1000, groups: [44, 45],
		terminal: true, cwd: "/home/alice", rlimits: {nofile: 1024}}' >"$BATS_TEST_TMPDIR/request"
	run --keep-empty-lines "$UNITS/bundle" process "$BATS_TEST_TMPDIR/box" <"$BATS_TEST_TMPDIR/request"
	assert_output "$(printf '%s' '{"terminal":true,"consoleSize":{"height":24,"width":80},' \
		'"user":{"uid":1000,"gid":1000,"additionalGids":[44,45],"username":"alice"},"args":["/bin/sh","-c","\u003cx\u003e"],' \
		'"env":["C=1","A=1","PATH=/usr/local/bin:/usr/bin:/bin","USER=alice"],"cwd":"/home/alice",' \
		"\"capabilities\":{\"bounding\":$UNPRIV,\"inheritable\":$UNPRIV,\"permitted\":$UNPRIV}," \
		'"rlimits":[{"type":"RLIMIT_NOFILE","hard":1024,"soft":1024}],"noNewPrivileges":true,"apparmorProfile":"p"}')"
}

@test "bundle: what a process did not ask for is absent from its object" {
	saved box '{}'
	run process box '{}' keys_unsorted,.user
	assert_line -n 0 '["consoleSize","user","args","env","cwd","capabilities"]'
	assert_line -n 1 '{"uid":0,"gid":0}'
}

@test "bundle: the console is 24 by 80, or exactly what was asked for" {
	saved box '{}'
	run process box '{}' .consoleSize
	assert_output '{"height":24,"width":80}'
	run process box '{terminal: true, window: {columns: 120, rows: 40}}' .consoleSize
	assert_output '{"height":40,"width":120}'
	run process box '{terminal: true, window: {columns: 7}}' .consoleSize
	assert_output '{"height":0,"width":7}'
}

@test "bundle: a process has the container's environment, then its own, then PATH and USER" {
	saved plain '{}'
	saved pathful '{image_env: ["I=1"], env: ["PATH=/c", "E=1"]}'
	run process plain '{}' .env
	assert_output '["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","USER=root"]'
	run process plain '{uid: 5, gid: 0, user: "5:0"}' .env
	assert_output '["PATH=/usr/local/bin:/usr/bin:/bin","USER=5:0"]'
	run process plain '{env: ["USER=x", "A=1", "A=2", "PATH="]}' .env
	assert_output '["USER=x","A=1","A=2","PATH="]'
	run process plain '{env: ["USERS=x", "PATHS=y"]}' '.env | length'
	assert_output 4
	run process pathful '{env: ["E=2"]}' .env
	assert_output '["I=1","PATH=/c","E=1","E=2","USER=root"]'
}

@test "bundle: the group decides a process's capabilities, not the user" {
	local few='["CAP_AUDIT_WRITE","CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_MKNOD","CAP_NET_BIND_SERVICE","CAP_NET_RAW","CAP_SETGID","CAP_SETFCAP","CAP_SETPCAP","CAP_SETUID","CAP_SYS_ADMIN","CAP_SYS_CHROOT"]'

	saved privileged '{privileged: true}'
	saved unprivileged '{}'
	run process privileged '{uid: 1000, gid: 0}' '.capabilities.bounding'
	assert_output "$PRIV"
	run process privileged '{uid: 0, gid: 1000}' '.capabilities | .bounding, .inheritable, .permitted'
	assert_output "$few"$'\n'"$few"$'\n'"$few"
	run process unprivileged '{uid: 1000, gid: 1000}' '.capabilities.bounding'
	assert_output "$UNPRIV"
}

@test "bundle: a process without capabilities has no such key" {
	mkdir "$BATS_TEST_TMPDIR/box"
	echo '{"process": {"capabilities": {"bounding": ["CAP_SYS_BOOT"]}}}' >"$BATS_TEST_TMPDIR/box/config.json"
	run process box '{gid: 1}' 'has("capabilities")'
	assert_output false
	run process box '{gid: 0}' .capabilities.permitted
	assert_output '["CAP_SYS_BOOT"]'
}

@test "bundle: resource limits are soft and hard alike, in the contract's order, of any size" {
	saved box '{}'
	run process box '{rlimits: {stack: 15, as: 1, core: 2, cpu: 3, data: 4, fsize: 5, locks: 6, memlock: 7, msgqueue: 8,
		nice: 9, nofile: 10, nproc: 11, rss: 12, rtprio: 13, sigpending: 14}}' '[.rlimits[] | .type, .hard, .soft] | join(" ")'
	assert_output '"RLIMIT_AS 1 1 RLIMIT_CORE 2 2 RLIMIT_CPU 3 3 RLIMIT_DATA 4 4 RLIMIT_FSIZE 5 5 RLIMIT_LOCKS 6 6 RLIMIT_MEMLOCK 7 7 RLIMIT_MSGQUEUE 8 8 RLIMIT_NICE 9 9 RLIMIT_NOFILE 10 10 RLIMIT_NPROC 11 11 RLIMIT_RSS 12 12 RLIMIT_RTPRIO 13 13 RLIMIT_SIGPENDING 14 14 RLIMIT_STACK 15 15"'
	echo '{"rlimits": {"core": 0, "nofile": 18446744073709551615}}' >"$BATS_TEST_TMPDIR/request"
	run "$UNITS/bundle" process "$BATS_TEST_TMPDIR/box" <"$BATS_TEST_TMPDIR/request"
	assert_output --partial '"rlimits":[{"type":"RLIMIT_CORE","hard":0,"soft":0},{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":18446744073709551615}]'
}

# The runtimes -------------------------------------------------------------------------------------------------------

# in_container RUNTIME REQUEST COMMAND: makes the container that is asked for with the runtime, runs a shell command in it
# as the process object says, and takes it down. In a mount namespace of its own without the cgroup version 2 side of a
# mixture: crun refuses that one as soon as it has a controller.
in_container() {
	local handle=$GDN_TEST_RUN-$BATS_TEST_NUMBER-$RANDOM bundle
	bundle=$SCRATCH/$handle

	mkdir "$bundle"
	touch "$bundle/hosts" "$bundle/resolv.conf"
	request "{host: null, handle: \"$handle\", rootfs: \"$ROOTFS\", bundle_path: \"$bundle\"} + $2 |
		.settings += {init: \"$BIN/init\", tag: \"$GDN_TEST_RUN\"}" | "$UNITS/bundle" save "$bundle" 2>/dev/null
	# runc copies the two outputs side by side, in no order.
	jq -nc --arg command "exec 2>&1; $3" '{path: "sh", args: ["-c", $command]}' | "$UNITS/bundle" process "$bundle" >"$bundle/process.json"
	unshare -m bash -euc '
		umount /sys/fs/cgroup/unified 2>/dev/null || true
		"$1" --root "$SCRATCH/$1" run --detach --no-new-keyring --bundle "$2" --pid-file "$2/pid" "$3" </dev/null >"$2/out" 2>&1 ||
			{ cat "$2/out"; exit 1; }
		status=0
		"$1" --root "$SCRATCH/$1" exec --process "$2/process.json" "$3" </dev/null || status=$?
		"$1" --root "$SCRATCH/$1" delete --force "$3"
		exit $status' - "$1" "$bundle" "$handle" 3>&- 4>&-
}

@test "bundle: runc and crun take an unprivileged one, limits and binds included" {
	mkdir "$SCRATCH/bound"
	echo there >"$SCRATCH/bound/file"
	for runtime in runc crun; do
		run -0 in_container $runtime "{limits: {memory_bytes: 67108864, cpu_shares: 100, pids: 100}, env: [\"E=<1>\"],
			settings: {cpu_quota_per_share: 200, no_new_privileges: true},
			bind_mounts: [{source: \"$SCRATCH/bound\", destination: \"/bound\"}]}" \
			'echo $E; id -u; cat /bound/file; grep -E "NoNewPrivs|Seccomp:|CapBnd" /proc/self/status; touch /bound/x || true'
		assert_line -n 0 '<1>'
		assert_line -n 1 0
		assert_line -n 2 there
		assert_line $'CapBnd:\t00000000a80425fb'
		assert_line $'NoNewPrivs:\t1'
		assert_line $'Seccomp:\t2'
		assert_line -n -1 --partial 'Read-only file system'
	done
}

@test "bundle: runc and crun take a privileged one, devices included" {
	for runtime in runc crun; do
		run in_container $runtime "{privileged: true, limits: {memory_bytes: 67108864, cpu_shares: 100, pids: 100},
			settings: {runtime: \"$runtime\"}}" \
			'readlink /proc/self/ns/user; test -c /dev/fuse && echo fuse; echo x >/tmp/garden-init'
		assert_line -n 0 "$(readlink /proc/self/ns/user)"
		assert_line -n 1 fuse
		assert_line -n 2 --partial 'Read-only file system'
	done
}
