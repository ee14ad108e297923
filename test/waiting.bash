# Waiting with a deadline, and for whom. Sourced by helpers.bash and the scripts beside it.

# eventually [-t SECONDS] COMMAND...: until COMMAND succeeds, at most 10 seconds. Shows its last output when it never did.
eventually() {
	local seconds=10 deadline output

	if [ "$1" = -t ]; then
		seconds=$2
		shift 2
	fi
	deadline=$((SECONDS + seconds))
	until output=$("$@" 2>&1); do
		if [ "$SECONDS" -ge "$deadline" ]; then
			printf 'not within %s seconds: %s\n%s\n' "$seconds" "$*" "$output" >&2
			return 1
		fi
		sleep 0.02
	done
}

# alive PID: exists and is no zombie.
alive() {
	local state

	read -r _ _ state _ <"/proc/$1/stat" && [ "$state" != Z ]
} 2>/dev/null

# dead PID: gone, or a zombie.
dead() {
	! alive "$1"
}

# gone PID...: not even zombies of them are left.
gone() {
	local pid

	for pid; do
		[ ! -e "/proc/$pid" ] || return 1
	done
}
