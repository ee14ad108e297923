# The part of bench.sh about the operations, as depotctl has them: sizes of the programs, memory of what stays for each container
# and process, commands and streams against the runtime alone.

STREAM_ROUNDS=7
logging=(--debug --log "$scratch/log" --log-format json) # as our create and run have it log

size_of() {
	stat -c %s "$BIN/$1"
}

measure_sizes() {
	local program total=0

	for program in init dadoo nstar depotctl guardian; do
		[ ! -e "$BIN/$program" ] || total=$((total + $(size_of "$program")))
	done
	line 'size of init' "$(size_of init)" bytes 20000
	line 'size of dadoo' "$(size_of dadoo)" bytes 100000
	line 'size of all programs' "$total" bytes 4000000
}

# compare_create WHAT [FLAG...]: against the runtime with these global flags.
compare_create() {
	local what=$1

	shift
	compare "$what" 1.15 "$ROUNDS" depotctl create --handle "$tag-ours-%d" --rootfs "$scratch/rootfs" --against \
		runc "$@" run -d --bundle "$scratch/bundles/%d" "$tag-theirs-%d"
}

compare_destroy() {
	compare "$1" 0.25 "$ROUNDS" depotctl destroy "$tag-ours-%d" --against runc delete -f "$tag-theirs-%d"
}

start_processes() {
	local i n

	for ((i = 1; i <= ROUNDS; i++)); do
		for n in 1 2 3; do
			depotctl run -d --id "sleep-$n" "$tag-ours-$i" sleep 10000 </dev/null >/dev/null
			runc exec -d "$tag-theirs-$i" /bin/sleep 10000 </dev/null >/dev/null 2>&1
		done
	done
}

measure_memory() {
	# shellcheck disable=SC2046 # a pid is a word
	line "memory of dadoo, $((ROUNDS * 3)) processes" \
		"$(average_pss $(cut -d' ' -f1 "$GDN_DEPOT/$tag"-ours-*/processes/*/shim))" kB 32
	# shellcheck disable=SC2046
	line "memory of init, $ROUNDS containers" \
		"$(average_pss $(for file in "$GDN_DEPOT/$tag"-ours-*/pidfile; do cat "$file" && echo; done))" kB 20
}

# compare_run WHAT [FLAG...], likewise.
compare_run() {
	local what=$1

	shift
	make_process '["true"]' >"$scratch/true.json"
	compare "$what" 1.10 "$((ROUNDS * 2))" depotctl run "$tag" true --against \
		runc "$@" exec -p "$scratch/true.json" "$tag"
}

compare_output() {
	local blocks=$((GIGABYTE / 65536))

	make_process '["dd", "if=/dev/zero", "bs=65536", "count='$blocks'"]' >"$scratch/dd.json"
	compare 'a gigabyte of output' 1.05 "$STREAM_ROUNDS" \
		sh -c "depotctl run $tag dd if=/dev/zero bs=65536 count=$blocks 2>/dev/null | cat >/dev/null" --against \
		sh -c "runc exec -p $scratch/dd.json $tag 2>/dev/null | cat >/dev/null"
}

# The tar of this machine and what it is linked with, in the container, for lack of a static one.
install_tar() {
	local library

	mkdir -p "$scratch/rootfs/gnu"
	cp "$(command -v tar)" "$scratch/rootfs/gnu/tar"
	for library in $(ldd "$(command -v tar)" | grep -o '/[^ ]*'); do
		mkdir -p "$scratch/rootfs$(dirname "$library")"
		cp -L "$library" "$scratch/rootfs$library"
	done
}

compare_streams() {
	local init enter

	init=$(cat "$GDN_DEPOT/$tag/pidfile")
	enter="nsenter -t $init -U -m -S 0 -G 0 /gnu/tar --xattrs --no-same-owner"
	mkdir "$scratch/files"
	head -c "$GIGABYTE" /dev/urandom >"$scratch/files/big"
	tar -C "$scratch/files" -cf "$scratch/big.tar" big
	rm "$scratch/files/big"
	compare 'stream in a gigabyte' 1.05 "$STREAM_ROUNDS" \
		sh -c "depotctl stream-in $tag /data/ours <$scratch/big.tar" --against \
		sh -c "mkdir -p $scratch/data/theirs && chown 4294967294 $scratch/data/theirs &&
			$enter -C /data/theirs -xf - <$scratch/big.tar"
	rm -r "$scratch/data/theirs"
	compare 'stream out a gigabyte' 1.05 "$STREAM_ROUNDS" \
		sh -c "depotctl stream-out $tag /data/ours/ | cat >/dev/null" --against \
		sh -c "$enter -C /data/ours -cf - . | cat >/dev/null"
}

measure_depotctl() {
	mkdir "$scratch/data"
	chown 4294967294:4294967294 "$scratch/data"
	install_tar
	depotctl create --handle "$tag" --rootfs "$scratch/rootfs" --bind-mount "$scratch/data:/data:rw" >/dev/null
	# shellcheck disable=SC2046 # a number is a word
	make_bundles $(seq "$ROUNDS")

	measure_sizes
	compare_create 'create'
	compare_destroy 'destroy'
	compare_create 'create, it logging as ours' "${logging[@]}"
	start_processes
	measure_memory
	compare_destroy 'destroy with 3 processes'
	compare_run 'run true'
	compare_run 'run true, it logging as ours' "${logging[@]}"
	compare_output
	compare_streams

	depotctl destroy "$tag"
	rm -rf "$scratch"/{big.tar,bundles,data,files,log}
}
