# The daemon's command line and configuration file as functions (test/unit/flags.c): nothing is started here.

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}
CONFIG=$BATS_TEST_TMPDIR/config.ini

# Every flag of server and cleanup: its group, what it is given, what it keeps of that as JSON, something that it refuses (-
# if it takes any text) and in which words.
FLAGS='
log-level||debug|"debug"|-|
log-file||/log|"/log"|-|
time-format||unix-epoch|"unix-epoch"|-|
bind-ip|Server Configuration|127.0.0.1|"127.0.0.1"|1.2.3|guardiancmd.IPFlag: invalid IP: '\''1.2.3'\''
bind-port|Server Configuration|65535|65535|65536|uint16: strconv.ParseUint: parsing "65536": value out of range
bind-socket|Server Configuration|/s|"/s"|-|
socket-mode|Server Configuration|0660|432|0999|octal mode: '\''0999'\'' is not between 0 and 0777
socket-owner|Server Configuration|root|"0"|no:body|user: unknown user '\''no:body'\''
socket-group|Server Configuration|4242|"4242"|no:body|group: unknown group '\''no:body'\''
allow-peer-uid|Server Configuration|root|["0"]|no:body|[]user: unknown user '\''no:body'\''
allow-peer-gid|Server Configuration|1000|["1000"]|4294967295|[]group: strconv.ParseUint: parsing "4294967295": value out of range
debug-bind-ip|Server Configuration|::0001|"::1"|x|guardiancmd.IPFlag: invalid IP: '\''x'\''
debug-bind-port|Server Configuration|1|1|x|uint16: strconv.ParseUint: parsing "x": invalid syntax
tag|Server Configuration|t|"t"|-|
skip-setup|Server Configuration||true|maybe|bool: strconv.ParseBool: parsing "maybe": invalid syntax
read-header-timeout|Server Configuration|30s|30000000000|1|time.Duration: time: missing unit in duration "1"
client-stall-limit|Server Configuration|1m|60000000000|x|time.Duration: time: invalid duration "x"
worker-limit|Server Configuration|7|7|-1|uint32: strconv.ParseUint: parsing "-1": invalid syntax
depot|Container Lifecycle|/d|"/d"|-|
state-dir|Container Lifecycle|/s|"/s"|-|
properties-path|Container Lifecycle|/p|"/p"|-|
console-sockets-path|Container Lifecycle|/c|"/c"|-|
cleanup-process-dirs-on-wait|Container Lifecycle||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
disable-privileged-containers|Container Lifecycle||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
device-cgroup-rule|Container Lifecycle|c 1:* rwm|["c 1:* rwm"]|x|[]guardiancmd.DeviceCgroupRuleFlag: invalid device specification: x
uid-map-start|Container Lifecycle|4294967295|4294967295|4294967296|uint32: strconv.ParseUint: parsing "4294967296": value out of range
uid-map-length|Container Lifecycle|5|5|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
gid-map-start|Container Lifecycle|6|6|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
gid-map-length|Container Lifecycle|7|7|+7|uint32: strconv.ParseUint: parsing "+7": invalid syntax
default-rootfs|Container Lifecycle|raw:///r|"raw:///r"|-|
default-grace-time|Container Lifecycle|1m30s|90000000000|5x|time.Duration: time: unknown unit "x" in duration "5x"
destroy-containers-on-startup|Container Lifecycle||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
apparmor|Container Lifecycle|p|"p"|-|
no-new-privileges|Container Lifecycle||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
step-timeout|Container Lifecycle|1.5s|1500000000|s|time.Duration: time: invalid duration "s"
lock-timeout|Container Lifecycle|0|0|1h1|time.Duration: time: missing unit in duration "1h1"
assets-dir|Binary Tools|/a|"/a"|-|
dadoo-bin|Binary Tools|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
nstar-bin|Binary Tools|/bin/sh|"/bin/sh"|/etc|guardiancmd.FileFlag: path '\''/etc'\'' is a directory, not a file
tar-bin|Binary Tools|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
iptables-bin|Binary Tools|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
iptables-restore-bin|Binary Tools|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
init-bin|Binary Tools|/bin/sh|"/bin/sh"|/bin/sh/x|guardiancmd.FileFlag: stat /bin/sh/x: not a directory
runtime-plugin|Runtime|crun|"crun"|-|
runtime-plugin-extra-arg|Runtime|a b|["a b"]|-|
no-image-plugin|Image||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
image-plugin|Image|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
image-plugin-extra-arg|Image|x|["x"]|-|
privileged-image-plugin|Image|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
privileged-image-plugin-extra-arg|Image|x|["x"]|-|
docker-registry|Docker|r|"r"|-|
insecure-docker-registry|Docker|r|["r"]|-|
network-pool|Container Networking|10.1.2.3/16|"10.1.0.0/16"|10.0.0.0/33|guardiancmd.CIDRFlag: invalid CIDR address: 10.0.0.0/33
allow-host-access|Container Networking||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
deny-network|Container Networking|fd00::1/65|["fd00::/65"]|1.2.3.4|[]guardiancmd.CIDRFlag: invalid CIDR address: 1.2.3.4
dns-server|Container Networking|8.8.8.8|["8.8.8.8"]|x|[]guardiancmd.IPFlag: invalid IP: '\''x'\''
additional-dns-server|Container Networking|fd00:0::53|["fd00::53"]|1.2.3.04|[]guardiancmd.IPFlag: invalid IP: '\''1.2.3.04'\''
additional-host-entry|Container Networking|1.2.3.4 a|["1.2.3.4 a"]|-|
external-ip|Container Networking|9.9.9.9|"9.9.9.9"||guardiancmd.IPFlag: invalid IP: '\'''\''
port-pool-start|Container Networking|60000|60000|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
port-pool-size|Container Networking|10|10||uint32: strconv.ParseUint: parsing "": invalid syntax
port-pool-properties-path|Container Networking|/p|"/p"|-|
mtu|Container Networking|-9223372036854775808|-9223372036854775808|99999999999999999999|int: strconv.ParseInt: parsing "99999999999999999999": value out of range
network-plugin|Container Networking|/bin/sh|"/bin/sh"|/no/such|guardiancmd.FileFlag: stat /no/such: no such file or directory
network-plugin-extra-arg|Container Networking|x|["x"]|-|
enable-container-network-metrics|Container Networking||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
cpu-quota-per-share|Limits|18446744073709551615|18446744073709551615|18446744073709551616|uint64: strconv.ParseUint: parsing "18446744073709551616": value out of range
default-container-blockio-weight|Limits|10|10|65536|uint16: strconv.ParseUint: parsing "65536": value out of range
container-io-max-read-bps|Limits|1|1|x|uint64: strconv.ParseUint: parsing "x": invalid syntax
container-io-max-write-bps|Limits|2|2|x|uint64: strconv.ParseUint: parsing "x": invalid syntax
container-io-max-read-iops|Limits|3|3|x|uint64: strconv.ParseUint: parsing "x": invalid syntax
container-io-max-write-iops|Limits|4|4|x|uint64: strconv.ParseUint: parsing "x": invalid syntax
max-containers|Limits|250|250|1.5|uint64: strconv.ParseUint: parsing "1.5": invalid syntax
disable-swap-limit|Limits||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
metrics-emission-interval|Metrics|10s|10000000000|x|time.Duration: time: invalid duration "x"
dropsonde-origin|Metrics|o|"o"|-|
dropsonde-destination|Metrics|h:1|"h:1"|-|
containerd-socket|Containerd|/c|"/c"|-|
use-containerd-for-processes|Containerd||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
cpu-entitlement-per-share|CPU Throttling|-0.5|-0.5|x|float64: strconv.ParseFloat: parsing "x": invalid syntax
enable-cpu-throttling|CPU Throttling||true|2|bool: strconv.ParseBool: parsing "2": invalid syntax
cpu-throttling-check-interval|CPU Throttling|3|3|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
tcp-keepalive-time|Sysctl|1|1|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
tcp-keepalive-interval|Sysctl|2|2|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
tcp-keepalive-probes|Sysctl|3|3|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
tcp-retries1|Sysctl|4|4|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
tcp-retries2|Sysctl|5|5|x|uint32: strconv.ParseUint: parsing "x": invalid syntax
'

# each COMMAND...: runs it for every flag, with $name, $group, $given, $kept, $bad and $refusal. In a subshell without bats'
# trap, which takes longer than all the rest.
each() (
	trap - DEBUG
	while IFS='|' read -r name group given kept bad refusal; do
		[ -z "$name" ] || "$@" || fail "$name"
	done <<<"$FLAGS"
)

# gdn ARGS...: what the program makes of them, a line each, or its words.
gdn() {
	"$UNITS/flags" parse gdn "$@"
}

# kept FLAG ARGS...: what the flag has with these arguments, as JSON.
kept() {
	local flag=$1

	shift
	set -o pipefail
	gdn "$@" | sed -n "s/^flag $flag //p"
}

# ends CODE TEXT ARGS...: the program ends with this code and has nothing to say than this, on standard error.
ends() {
	local code=$1 text=$2 said

	shift 2
	said=$(gdn "$@" 2>&1 >"$BATS_TEST_TMPDIR/out") && set -- 0 || set -- $?
	assert_equal "$said" "$text"
	assert_equal "$1" "$code"
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
}

# refused TEXT ARGS...: the program ends with 1 and these words.
refused() {
	ends 1 "$@"
}

# refused_first TEXT ARGS...: likewise before the command, with 2, and with the usage behind.
refused_first() {
	ends 2 "$1"$'\n'"$USAGE" "${@:2}"
}

USAGE=$'Usage of gdn:\n  -config string\n    \tconfig file path\n  -v\tprint version'

# config LINE...: makes the configuration file.
config() {
	printf '%s\n' "$@" >"$CONFIG"
}

# config_refused TEXT LINE...: a file of these lines is refused; %s in TEXT is its name.
config_refused() {
	local text=${1//%s/$CONFIG}

	shift
	config "$@"
	refused "$text" --config "$CONFIG" server
}

# Every flag ---------------------------------------------------------------------------------------------------------

@test "flags: the table of this test has every flag" {
	run gdn server
	assert_equal "$(sed -n 's/^flag \([^ ]*\).*/\1/p' <<<"$output")" "$(each eval 'echo "$name"')"
}

# all_kept ARGS...: with these arguments each flag keeps what the table says.
all_kept() {
	local expected

	expected=$(each eval 'echo "$name $kept"')
	assert_equal "$(gdn "$@" | sed -n 's/^flag //p')" "$expected"
}

@test "flags: each takes a value behind it or behind an equals sign" {
	local -a joined apart

	mapfile -t joined < <(each eval 'echo "--$name${given:+=$given}"')
	mapfile -t apart < <(each eval 'echo "--$name" && [ -z "$given" ] || echo "$given"')
	all_kept server "${joined[@]}"
	all_kept server "${apart[@]}"
	all_kept cleanup "${joined[@]}"
}

@test "config: each flag has a key in the section of its command" {
	local command

	for command in server cleanup; do
		config "[$command]" "$(each eval 'echo "$name = $given"')"
		all_kept --config "$CONFIG" "$command"
	done
}

@test "config: each flag has a key in the section of its group, whose name may be in any case" {
	config "$(each eval 'echo "[server${group:+.$group}]" && echo "$name=$given"')"
	all_kept --config "$CONFIG" server
	config "$(each eval 'echo "[cleanup${group:+.${group^^}}]" && echo "$name=$given"')"
	all_kept --config "$CONFIG" cleanup
}

refuses_value() {
	[ "$bad" != - ] || return 0
	if [ -z "$given" ]; then
		refused "bool flag \`--$name' cannot have an argument" server "--$name=$bad"
	else
		refused "invalid argument for flag \`--$name' (expected ${refusal%%: *}): ${refusal#*: }" server "--$name=$bad"
	fi
	config_refused "%s:2: ${refusal#*: }" "[server]" "$name = $bad"
}

@test "flags: each refuses what is no value of its type, on the command line and in the file" {
	each refuses_value
}

@test "flags: of those with a choice each names what is allowed" {
	local choice

	while read -r choice; do
		refused "Invalid value \`x' for option \`--${choice%%:*}'. Allowed values are:${choice#*:}" server "--${choice%%:*}" x
		config_refused "%s:2: Invalid value \`warn' for option \`--${choice%%:*}'. Allowed values are:${choice#*:}" \
			"[server]" "${choice%%:*} = warn"
	done <<-'END'
		log-level: debug, info, error or fatal
		time-format: rfc3339 or unix-epoch
	END
}

unknown_to_setup() {
	case $name in
	log-level | log-file | time-format | tag | enable-cpu-throttling)
		[ "$(kept "$name" setup "--$name${given:+=$given}")" = "$kept" ]
		;;
	*) refused "unknown flag \`$name'" setup "--$name${given:+=$given}" ;;
	esac
}

@test "flags: setup has those of the log, tag and enable-cpu-throttling" {
	each unknown_to_setup
}

@test "flags: the defaults" {
	run sed -n 's/^flag //p' <(gdn server)
	assert_output - <<-'END'
		log-level "info"
		log-file null
		time-format "rfc3339"
		bind-ip null
		bind-port 0
		bind-socket "/tmp/garden.sock"
		socket-mode 511
		socket-owner null
		socket-group null
		allow-peer-uid []
		allow-peer-gid []
		debug-bind-ip null
		debug-bind-port 17013
		tag null
		skip-setup false
		read-header-timeout 0
		client-stall-limit 30000000000
		worker-limit 32
		depot "/var/run/gdn/depot"
		state-dir "/var/run/gdn/state"
		properties-path null
		console-sockets-path null
		cleanup-process-dirs-on-wait false
		disable-privileged-containers false
		device-cgroup-rule []
		uid-map-start 1
		uid-map-length 0
		gid-map-start 1
		gid-map-length 0
		default-rootfs null
		default-grace-time 0
		destroy-containers-on-startup false
		apparmor null
		no-new-privileges false
		step-timeout 120000000000
		lock-timeout 60000000000
		assets-dir "/var/gdn/assets"
		dadoo-bin null
		nstar-bin null
		tar-bin null
		iptables-bin "/sbin/iptables"
		iptables-restore-bin "/sbin/iptables-restore"
		init-bin null
		runtime-plugin "runc"
		runtime-plugin-extra-arg []
		no-image-plugin false
		image-plugin null
		image-plugin-extra-arg []
		privileged-image-plugin null
		privileged-image-plugin-extra-arg []
		docker-registry "registry-1.docker.io"
		insecure-docker-registry []
		network-pool "10.254.0.0/22"
		allow-host-access false
		deny-network []
		dns-server []
		additional-dns-server []
		additional-host-entry []
		external-ip null
		port-pool-start 61001
		port-pool-size 4534
		port-pool-properties-path null
		mtu 0
		network-plugin null
		network-plugin-extra-arg []
		enable-container-network-metrics false
		cpu-quota-per-share 0
		default-container-blockio-weight 0
		container-io-max-read-bps 0
		container-io-max-write-bps 0
		container-io-max-read-iops 0
		container-io-max-write-iops 0
		max-containers 0
		disable-swap-limit false
		metrics-emission-interval 60000000000
		dropsonde-origin "garden-linux"
		dropsonde-destination "127.0.0.1:3457"
		containerd-socket null
		use-containerd-for-processes false
		cpu-entitlement-per-share 0.0
		enable-cpu-throttling false
		cpu-throttling-check-interval 15
		tcp-keepalive-time 0
		tcp-keepalive-interval 0
		tcp-keepalive-probes 0
		tcp-retries1 0
		tcp-retries2 0
	END
}

@test "flags: a default that is not there counts as not given" {
	run unshare -m sh -c 'mount -t tmpfs none "$(realpath /sbin)" && "$@"' sh "$UNITS/flags" parse gdn server
	assert_line "flag iptables-bin null"
	assert_line "flag iptables-restore-bin null"
}

# Before the command -------------------------------------------------------------------------------------------------

@test "arguments: -v prints the version" {
	local flag

	for flag in -v --v -v=true --v=1; do
		run -0 gdn $flag
		assert_output dev
	done
	refused "Please specify one command of: cleanup, server or setup" -v=false
}

@test "arguments: -h before a command shows the few flags that may stand there" {
	local flag

	for flag in -h --h -help --help; do
		ends 0 "$USAGE" $flag server
	done
}

@test "arguments: the usage names the program as it was called" {
	run -0 "$UNITS/flags" parse /a/b/guardian -h
	assert_line -n 0 "Usage of /a/b/guardian:"
}

@test "arguments: before a command other flags are refused" {
	refused_first "flag provided but not defined: -version" --version
	refused_first "flag provided but not defined: -x" -x
	refused_first "flag provided but not defined: -depot" --depot /x server
	refused_first "flag provided but not defined: -depot" -depot=/x server
	refused_first "flag provided but not defined: -log-level" -v --log-level=debug server
	refused_first "flag needs an argument: -config" --config
	refused_first "bad flag syntax: ---config" ---config x
	refused_first "bad flag syntax: -=x" -=x
	refused_first 'invalid boolean value "maybe" for -v: parse error' -v=maybe
}

@test "arguments: without a command they are told, and an unknown one gets the nearest" {
	refused "Please specify one command of: cleanup, server or setup"
	refused "Please specify one command of: cleanup, server or setup" -- server
	config "[server]" "mtu = 1"
	refused "Please specify one command of: cleanup, server or setup" --config "$CONFIG"
	refused "Unknown command \`servr', did you mean \`server'?" servr
	refused "Unknown command \`x', did you mean \`cleanup'?" x
	refused "Unknown command \`Setup', did you mean \`setup'?" Setup
	refused "Unknown command \`list-all'. Please specify one command of: cleanup, server or setup" list-all
	refused "Unknown command \`'. Please specify one command of: cleanup, server or setup" ""
	refused "Unknown command \`-', did you mean \`cleanup'?" -
}

# Behind the command -------------------------------------------------------------------------------------------------

@test "arguments: unknown flags are refused by name" {
	refused "unknown flag \`nope'" server --nope
	refused "unknown flag \`nope'" server --nope=1
	refused "unknown flag \`depo'" server --depo /x
	refused "unknown flag \`v'" server -v
	refused "unknown flag \`d'" server -depot /x
	refused "unknown flag \`µ'" server -µ
	refused "unknown flag \`'" server --=x
	refused "unknown flag \`nope'" server --nope --mtu x
}

@test "arguments: a value that is missing, or looks like a flag, is noticed" {
	refused "expected argument for flag \`--mtu'" server --mtu
	refused "expected argument for flag \`--depot', but got option \`--mtu'" server --depot --mtu 3
	refused "expected argument for flag \`--bind-port', but got option \`-1'" server --bind-port -1
	refused "expected argument for flag \`--depot', but got option \`-5'" server --depot -5
	refused "expected argument for flag \`--mtu', but got option \`-x'" server --mtu -x
	refused "expected argument for flag \`--depot', but got double dash \`--'" server --depot --
	refused "expected argument for flag \`--config'" server --config
}

@test "arguments: signed numbers, a single dash and what is behind an equals sign may begin with a dash" {
	assert_equal "$(kept mtu server --mtu -5)" -5
	assert_equal "$(kept default-grace-time server --default-grace-time -5s)" -5000000000
	assert_equal "$(kept cpu-entitlement-per-share server --cpu-entitlement-per-share -1)" -1.0
	assert_equal "$(kept depot server --depot -)" '"-"'
	assert_equal "$(kept depot server --depot=--x)" '"--x"'
	assert_equal "$(kept depot server --depot=)" '""'
	assert_equal "$(kept depot server --depot=a=b)" '"a=b"'
}

@test "arguments: a value in double quotes stands for what is in them" {
	assert_equal "$(kept depot server --depot '"--store"')" '"--store"'
	assert_equal "$(kept depot server '--depot="a\tb\u00b5"')" '"a\tbµ"'
	assert_equal "$(kept depot server --depot 'a"b"')" '"a\"b\""'
	refused "invalid argument for flag \`--depot' (expected string): invalid syntax" server --depot '"x'
	refused "invalid argument for flag \`--dns-server' (expected []guardiancmd.IPFlag): invalid syntax" server --dns-server '"'
}

@test "arguments: flags end at a double dash, and other words are passed over" {
	assert_equal "$(kept mtu server x --mtu 1 y -- --mtu x)" 1
	assert_equal "$(kept mtu server ---mtu --mtu 2)" 2
	assert_equal "$(kept skip-setup server --skip-setup false)" true
}

@test "arguments: the last of several values counts, lists keep all" {
	assert_equal "$(kept mtu server --mtu 1 --mtu 2)" 2
	assert_equal "$(kept dns-server server --dns-server 1.1.1.1 --mtu 1 --dns-server=8.8.8.8)" '["1.1.1.1","8.8.8.8"]'
}

@test "arguments: help on a command goes to standard output once, and the exit code is 1" {
	run -1 gdn setup --help
	assert_output - <<-'END'
		Usage:
		  gdn [OPTIONS] setup [setup-OPTIONS]

		Application Options:
		      --config=                             Config file path.

		Help Options:
		  -h, --help                                Show this help message

		[setup command options]
		      --log-level=[debug|info|error|fatal]  least level of the lines that are logged (default: info)
		      --log-file=                           append the log to this file, opened anew on SIGHUP, and
		                                            not to standard output
		      --time-format=[rfc3339|unix-epoch]    how times are written in the log (default: rfc3339)
	END
	for flag in -h -hx; do
		run -1 gdn server --mtu 1 $flag --nope
		assert_line -n 1 "  gdn [OPTIONS] server [server-OPTIONS]"
	done
	refused "bool flag \`-h, --help' cannot have an argument" server --help=1
	refused "bool flag \`-h, --help' cannot have an argument" server -h=1
}

told_once() {
	local times

	times=$(grep -cE -- "^ *--$name(=|$| )" "$BATS_TEST_TMPDIR/help")
	[ "$times" -eq "$([ "$name" = tag ] && echo 0 || echo 1)" ]
}

@test "help: tells of every flag but tag once, in its group, in lines of at most 100 columns" {
	local group

	gdn server -h >"$BATS_TEST_TMPDIR/help" || true
	each told_once
	while read -r group; do
		grep -qx "    $group:" "$BATS_TEST_TMPDIR/help" || fail "$group"
	done < <(each eval '[ -z "$group" ] || echo "$group"' | uniq)
	run awk 'length > 100' "$BATS_TEST_TMPDIR/help"
	assert_output ""
}

in_readme() {
	grep -q -- "\`--$name\`" "$BATS_TEST_DIRNAME/../guardian/README.md"
}

@test "help: the README tells of every flag too" {
	each in_readme
}

# The configuration file ---------------------------------------------------------------------------------------------

@test "config: the command line comes before the file, the file before the default" {
	config "[server]" "mtu = 1400" "depot = /file" "skip-setup"="true" "dns-server = 1.1.1.1" "dns-server = 2.2.2.2"
	assert_equal "$(kept mtu --config "$CONFIG" server)" 1400
	assert_equal "$(kept mtu --config "$CONFIG" server --mtu 1)" 1
	assert_equal "$(kept depot --config="$CONFIG" server)" '"/file"'
	assert_equal "$(kept port-pool-start -config "$CONFIG" server)" 61001
	assert_equal "$(kept dns-server -config="$CONFIG" server)" '["1.1.1.1","2.2.2.2"]'
	assert_equal "$(kept dns-server --config "$CONFIG" server --dns-server 3.3.3.3 --dns-server 4.4.4.4)" \
		'["3.3.3.3","4.4.4.4"]'
}

@test "config: what stands behind the command is ignored, and no file is none" {
	assert_equal "$(kept mtu server --config /no/such.ini --mtu 1)" 1
	assert_equal "$(kept mtu --config "" server --mtu 1)" 1
}

@test "config: it may come through a pipe" {
	run gdn --config /dev/stdin server < <(printf '[server]\nmtu = 7\n')
	assert_line "flag mtu 7"
}

@test "config: a command takes its own sections only, but all are checked" {
	config "[setup]" "log-level = debug" "tag = a" "enable-cpu-throttling =" "[cleanup]" "mtu = 9" "[server]" "mtu = 5"
	assert_equal "$(kept mtu --config "$CONFIG" server)" 5
	assert_equal "$(kept mtu --config "$CONFIG" cleanup)" 9
	assert_equal "$(kept log-level --config "$CONFIG" setup)" '"debug"'
	assert_equal "$(kept tag --config "$CONFIG" setup)" '"a"'
	assert_equal "$(kept enable-cpu-throttling --config "$CONFIG" setup)" true
	assert_equal "$(kept tag --config "$CONFIG" server)" null
	config_refused "%s:2: unknown option: nope" "[setup]" "nope = 1" "[server]" "mtu = 1"
	config_refused "%s:2: unknown option: depot" "[setup]" "depot = /x"
	config_refused '%s:4: strconv.ParseInt: parsing "x": invalid syntax' "[server]" "mtu = 1" "[cleanup]" "mtu = x"
}

@test "config: it is read before the command is looked at" {
	config "[server]" "mtu = x"
	refused "$CONFIG:2: strconv.ParseInt: parsing \"x\": invalid syntax" --config "$CONFIG" nope
	refused "$CONFIG:2: strconv.ParseInt: parsing \"x\": invalid syntax" --config "$CONFIG"
}

@test "config: blanks, comments, line ends" {
	printf '; c\n  # c\n\n [ server ] \r\n\tmtu=1\r\n  depot  =  a = b  ; c \t\nlog-level=debug' >"$CONFIG"
	assert_equal "$(kept mtu --config "$CONFIG" server)" 1
	assert_equal "$(kept depot --config "$CONFIG" server)" '"a = b  ; c"'
	assert_equal "$(kept log-level --config "$CONFIG" server)" '"debug"'
	: >"$CONFIG"
	assert_equal "$(kept mtu --config "$CONFIG" server)" 0
}

@test "config: values in double quotes" {
	config "[server]" 'image-plugin-extra-arg = "--config"' 'image-plugin-extra-arg = /etc/x.yml' \
		'image-plugin-extra-arg = " a\\\"\x41 "' 'image-plugin-extra-arg =' 'image-plugin-extra-arg = ""'
	assert_equal "$(kept image-plugin-extra-arg --config "$CONFIG" server)" '["--config","/etc/x.yml"," a\\\"A ","",""]'
	config_refused "%s:2: invalid syntax" "[server]" 'depot = "/x'
	config_refused "%s:2: invalid syntax" "[server]" 'depot = "/x" y'
	config_refused "%s:2: invalid syntax" "[server]" 'depot = "\x00"'
}

@test "config: booleans" {
	local word

	for word in "" 1 t T true TRUE True; do
		config "[server]" "skip-setup = $word"
		assert_equal "$(kept skip-setup --config "$CONFIG" server)" true
	done
	for word in 0 f F false FALSE False; do
		config "[server]" "skip-setup = $word"
		assert_equal "$(kept skip-setup --config "$CONFIG" server)" false
	done
	config_refused '%s:2: strconv.ParseBool: parsing "tRUE": invalid syntax' "[server]" "skip-setup = tRUE"
}

@test "config: a file that cannot be read" {
	refused "open /no/such.ini: no such file or directory" --config /no/such.ini server
	refused "read /etc: is a directory" --config /etc server
	head -c 1048577 /dev/zero | tr '\0' '\n' >"$CONFIG"
	refused "$CONFIG: longer than 1048576 bytes" --config "$CONFIG" server
}

@test "config: errors of the text" {
	config_refused "%s:2: malformed key=value (depot)" "[server]" "depot"
	config_refused "%s:1: malformed section header" "[server" "depot = /x"
	config_refused "%s:1: malformed section header" "["
	config_refused "%s:1: empty section name" "[]"
	config_refused "%s:1: empty section name" "[ ]"
	config_refused "%s:1: malformed key=value ("$'\xef\xbb\xbf'"[server])" $'\xef\xbb\xbf[server]'
	config_refused "%s:3: malformed key=value (x)" "[nope]" "a = b" "x"
	printf '[server]\nmtu = 1\0\n' >"$CONFIG"
	refused "$CONFIG:2: NUL byte" --config "$CONFIG" server
}

@test "config: unknown sections" {
	local section

	for section in nope SERVER "Container Lifecycle" server.nope "server.Container Lifecycle.x" server. "setup.CPU Throttling"; do
		config_refused "could not find option group \`$section'" "[$section]" "depot = /x"
		config_refused "could not find option group \`$section'" "[$section]"
	done
}

@test "config: unknown keys" {
	config_refused "%s:4: unknown option: nope" "[server]" "# c" "" "nope = 1"
	config_refused "%s:2: unknown option: DEPOT" "[server]" "DEPOT = /x"
	config_refused "%s:2: unknown option: --depot" "[server]" "--depot = /x"
	config_refused "%s:2: unknown option: " "[server]" "= /x"
	config_refused "%s:2: unknown option: mtu" "[server.container lifecycle]" "mtu = 1"
	config_refused "%s:2: unknown option: log-level" "[server.Limits]" "log-level = info"
	config_refused "%s:2: unknown option: help" "[server]" "help ="
	config_refused "%s:1: unknown option: depot" "depot = /x"
}

@test "config: before any section 'config' may stand, without effect" {
	config "config = /no/such" "[server]" "mtu = 3"
	assert_equal "$(kept mtu --config "$CONFIG" server)" 3
}

@test "config: the file of an older deployment" {
	config "[server]" "  ; listen" "  bind-socket = /run/garden/garden.sock" "  depot = /var/lib/garden/depot" \
		"  time-format = rfc3339" "  default-grace-time = 0" "  mtu = 0" "  enable-cpu-throttling = false" \
		'  image-plugin-extra-arg = "--config"' "  skip-setup = true" "  read-header-timeout = 30s"
	run -0 gdn --config "$CONFIG" server
	run -0 gdn setup --time-format=unix-epoch
}

# Values -------------------------------------------------------------------------------------------------------------

@test "durations: units, signs, parts, and how they are written" {
	run "$UNITS/flags" duration 300ms 1m30s 1h 1.5s 0 -0 +0 -1h2m 1us 1µs 1μs .5s 1.s 100ns 1h0.25s 1m 0.1ns 1.0000000019s
	assert_output - <<-'END'
		300000000 300ms
		90000000000 1m30s
		3600000000000 1h0m0s
		1500000000 1.5s
		0 0s
		0 0s
		0 0s
		-3720000000000 -1h2m0s
		1000 1µs
		1000 1µs
		1000 1µs
		500000000 500ms
		1000000000 1s
		100 100ns
		3600250000000 1h0m0.25s
		60000000000 1m0s
		0 0s
		1000000001 1.000000001s
	END
}

@test "durations: the longest, and what is none" {
	run "$UNITS/flags" duration 9223372036854775807ns -9223372036854775808ns 9223372036854775808ns \
		18446744073709551616ns 2562048h 2562047h60m 5 5x "" . - +s 1h-2m '1"' 1e3s
	assert_output - <<-'END'
		9223372036854775807 2562047h47m16.854775807s
		-9223372036854775808 -2562047h47m16.854775808s
		time: invalid duration "9223372036854775808ns"
		time: invalid duration "18446744073709551616ns"
		time: invalid duration "2562048h"
		time: invalid duration "2562047h60m"
		time: missing unit in duration "5"
		time: unknown unit "x" in duration "5x"
		time: invalid duration ""
		time: invalid duration "."
		time: invalid duration "-"
		time: invalid duration "+s"
		time: unknown unit "h-" in duration "1h-2m"
		time: unknown unit "\"" in duration "1\""
		time: unknown unit "e" in duration "1e3s"
	END
}

@test "quotes: what is not printable is escaped" {
	run "$UNITS/flags" quote 'a"b\c' $'\a\b\f\n\r\t\v\x01\x7f' $'µ\xff\xed\xa0\x80'
	assert_line -n 0 '"a\"b\\c" a"b\c'
	assert_line -n 1 --partial '"\a\b\f\n\r\t\v\x01\x7f" '
	assert_output --partial '"µ\xff\xed\xa0\x80" '
}

@test "quotes: escapes" {
	run "$UNITS/flags" quote '"\x41\101\u0041\U00000041"' '"\u00b5\xc2\xb5"'
	assert_line -n 0 --regexp ' AAAA$'
	assert_line -n 1 --regexp ' µµ$'
	run "$UNITS/flags" quote '"' '"a' '"a"b' '"\"' '"\q"' '"\'"'"'"' '"\x4"' '"\x4g"' '"\400"' '"\19"' '"\ud800"' '"\U00110000"' \
		'"\0"' '"\000"' $'"a\nb"'
	refute_line --regexp '[^x]$'
	assert_equal "$(grep -c 'invalid syntax$' <<<"$output")" 15
}

@test "values: addresses are kept in one form, networks without host bits" {
	assert_equal "$(kept bind-ip server --bind-ip 0:0:0:0:0:0:0:1)" '"::1"'
	assert_equal "$(kept network-pool server --network-pool 255.255.255.255/0)" '"0.0.0.0/0"'
	assert_equal "$(kept network-pool server --network-pool 1.2.3.4/32)" '"1.2.3.4/32"'
	assert_equal "$(kept network-pool server --network-pool 10.255.255.255/9)" '"10.128.0.0/9"'
	assert_equal "$(kept network-pool server --network-pool ffff::ffff/127)" '"ffff::fffe/127"'
	for bad in "" / 1.2.3.4/ /8 1.2.3.4/-1 1.2.3.4/+8 1.2.3.4/8/8 1.2.3/8 ::/129 "1.2.3.4/ 8" 1.2.3.4%lo/8; do
		refused "invalid argument for flag \`--network-pool' (expected guardiancmd.CIDRFlag): invalid CIDR address: $bad" \
			server --network-pool "$bad"
	done
}

@test "values: a file's path is made absolute" {
	cd -P /bin
	assert_equal "$(kept init-bin server --init-bin sh)" "\"$PWD/sh\""
	refused "invalid argument for flag \`--init-bin' (expected guardiancmd.FileFlag): stat : no such file or directory" \
		server --init-bin ''
}

@test "values: device rules" {
	local rule

	for rule in 'a *:* rwm' 'c 1:3 r' 'b *:0 m' 'q 1:3 zzz'; do
		assert_equal "$(kept device-cgroup-rule server --device-cgroup-rule "$rule")" "[\"$rule\"]"
	done
	while IFS='|' read -r rule reason; do
		refused "invalid argument for flag \`--device-cgroup-rule' (expected []guardiancmd.DeviceCgroupRuleFlag): invalid device $reason: $rule" \
			server --device-cgroup-rule "$rule"
	done <<-'END'
		|specification
		x|specification
		c 1:3|specification
		c  1:3|versions
		c 1:3 r w|specification
		c 1 rwm|versions
		c 1:2:3 rwm|versions
		c x:3 rwm|major version
		c :3 rwm|major version
		c -1:3 rwm|major version
		c 99999999999999999999:3 rwm|major version
		c 1:y rwm|minor version
		c 1: rwm|minor version
		c 1:3* rwm|minor version
	END
}

@test "values: numbers that no computation could use are refused" {
	local word

	for word in inf -inf NaN 1e999; do
		refused "invalid argument for flag \`--cpu-entitlement-per-share' (expected float64): strconv.ParseFloat: parsing \"$word\": value out of range" \
			server "--cpu-entitlement-per-share=$word"
	done
	assert_equal "$(kept cpu-entitlement-per-share server --cpu-entitlement-per-share 2.5e1)" 25.0
}

@test "values: ids in a list are found by number" {
	run -0 "$UNITS/flags" listed 1000 0 1000
	run -1 "$UNITS/flags" listed 100 0 1000
	run -0 "$UNITS/flags" listed 4294967294 4294967294
}

# What is wrong with them together -----------------------------------------------------------------------------------

# start_error TEXT ARGS...: the arguments are understood, but the start is to fail in these words ("" if it is not).
start_error() {
	local text=$1

	shift
	assert_equal "$(gdn "$@" | sed -n 's/^error //p')" "$text"
}

@test "check: the defaults are all right" {
	start_error "" server
	start_error "" cleanup
	start_error "" setup
}

@test "check: a tag has two characters at most, one with the built-in networker" {
	start_error "" server --tag a
	start_error "interface prefix is too long" server --tag ab
	start_error "" server --tag ab --network-plugin /bin/sh
	start_error "interface prefix is too long" server --tag abc --network-plugin /bin/sh
}

@test "check: a list of who may connect needs a socket that tells" {
	start_error "" server --allow-peer-uid 0
	start_error "--allow-peer-uid and --allow-peer-gid need a Unix socket, and --bind-ip replaces it" \
		server --allow-peer-uid 0 --bind-ip 127.0.0.1
	start_error "--allow-peer-uid and --allow-peer-gid need a Unix socket, and --bind-ip replaces it" \
		server --allow-peer-gid 0 --bind-ip 127.0.0.1
}

@test "check: ports, intervals and limits" {
	start_error "" server --port-pool-start 65000 --port-pool-size 535
	start_error "invalid pool range: port_pool: New: invalid port range: startL 65000, size: 4534" \
		server --port-pool-start 65000
	start_error "invalid pool range: port_pool: New: invalid port range: startL 4294967295, size: 4294967295" \
		server --port-pool-start 4294967295 --port-pool-size 4294967295
	start_error "non-positive metrics emission interval" server --metrics-emission-interval 0
	start_error "non-positive metrics emission interval" server --metrics-emission-interval -1s
	start_error "" server --cpu-throttling-check-interval 0
	start_error "non-positive CPU throttling checking interval" server --enable-cpu-throttling --cpu-throttling-check-interval 0
	start_error "" server --client-stall-limit 0
	start_error "negative --client-stall-limit" server --client-stall-limit=-1s
	start_error "--worker-limit must be at least 1" server --worker-limit 0
	start_error "non-positive --step-timeout" server --step-timeout 0
	start_error "" server --lock-timeout 0
	start_error "negative --lock-timeout" server --lock-timeout=-1ns
}

# For the operations -------------------------------------------------------------------------------------------------

# setting NAME ARGS...: the operations' setting, as JSON.
setting() {
	local name=$1

	shift
	gdn server "$@" | sed -n "s/^setting $name //p"
}

@test "settings: each comes from its flag" {
	local name flag value

	while IFS='|' read -r name flag value; do
		assert_equal "$name $(setting "$name" "$flag")" "$name $value"
	done <<-'END'
		depot|--depot=/d|"/d"
		state_dir|--state-dir=/s|"/s"
		runtime|--runtime-plugin=crun|"crun"
		runtime_extra_args|--runtime-plugin-extra-arg=x|["x"]
		dadoo|--dadoo-bin=/bin/sh|"/bin/sh"
		init|--init-bin=/bin/sh|"/bin/sh"
		nstar|--nstar-bin=/bin/sh|"/bin/sh"
		tar|--tar-bin=/bin/sh|"/bin/sh"
		uid_map_start|--uid-map-start=5|5
		uid_map_length|--uid-map-length=6|6
		gid_map_start|--gid-map-start=7|7
		gid_map_length|--gid-map-length=8|8
		apparmor|--apparmor=p|"p"
		apparmor|--apparmor=|null
		no_new_privileges|--no-new-privileges|true
		disable_privileged_containers|--disable-privileged-containers|true
		cleanup_process_dirs_on_wait|--cleanup-process-dirs-on-wait|true
		disable_swap_limit|--disable-swap-limit|true
		tag|--tag=t|"t"
		device_rules|--device-cgroup-rule=c 1:2 r|["c 1:2 r"]
		tcp_keepalive_time|--tcp-keepalive-time=1|1
		tcp_keepalive_interval|--tcp-keepalive-interval=2|2
		tcp_keepalive_probes|--tcp-keepalive-probes=3|3
		tcp_retries1|--tcp-retries1=4|4
		tcp_retries2|--tcp-retries2=5|5
		max_containers|--max-containers=250|250
		max_containers|--max-containers=18446744073709551615|4294967295
		cpu_quota_per_share|--cpu-quota-per-share=9|9
		default_blockio_weight|--default-container-blockio-weight=10|10
		step_seconds|--step-timeout=90s|90
		step_seconds|--step-timeout=1ms|1
		step_seconds|--step-timeout=2562047h|2147483
		lock_seconds|--lock-timeout=0|0
		lock_seconds|--lock-timeout=1.5s|2
	END
}

@test "settings: helpers that are not given stand beside the program" {
	assert_equal "$(setting dadoo)" "\"$(realpath "$UNITS")/dadoo\""
}
