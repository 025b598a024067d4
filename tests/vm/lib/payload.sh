# shellcheck shell=bash
# What one run adds to its root: the script, its files, DIGLIM as installed, and
# the libraries those programs need. Staged in $ADD, one cpio in the end:
# $RUN/stage, where ADD is that or a folder in it.

# Where a file goes: paths that something is mounted over come in later.
stage_path()
{
	case $1 in
	/tmp | /tmp/* | /run/* | /dev/*) echo "$ADD/vm/late$1" ;;
	/*) echo "$ADD$1" ;;
	*) echo "$ADD/vm/files/$1" ;;
	esac
}

# Adds PATH[:DEST]. DEST names the file or folder itself, or with a slash at its
# end the folder to put it in. The default is /vm/files/.
add_file()
{
	local from=${1%%:*} to dest
	to=${1#"$from"}
	to=${to#:}
	[ -e "$from" ] || die "$from: there is no such file to take into the guest"
	case $to in
	'') to=/vm/files/$(basename "$from") ;;
	*/) to=$to$(basename "$from") ;;
	esac
	dest=$(stage_path "$to")
	mkdir -p "$(dirname "$dest")"
	if [ -d "$from" ]; then
		mkdir -p "$dest"
		cp -a "$from/." "$dest/"
	else
		cp -pL "$from" "$dest"
	fi || die "$from could not be taken into the guest"
}

# Libraries of the programs that were added, unless the root has them.
add_libraries()
{
	local lib path elf
	elf=$(find "$ADD" -type f \( -perm /111 -o -name '*.so*' \))
	[ -n "$elf" ] || return 0
	# shellcheck disable=SC2086 # no white space: these were chosen by us
	LD_LIBRARY_PATH=$(find "$ADD" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:) \
		libraries_of $elf | grep -v "^$ADD" | while read -r lib; do
		mini_chain "$lib" | while read -r path; do
			if ! grep -qxF "${path#/}" "$RUN_LIST" 2>/dev/null; then
				mkdir -p "$ADD${path%/*}"
				cp -a "$path" "$ADD$path"
			fi
		done
	done
}

# The command and its environment, as the guest's agent reads it.
write_job()
{
	local script=$1
	shift
	cp "$script" "$ADD/vm/test/$(basename "$script")"
	{
		printf 'export VM_%s=%q\n' KERNEL "$KERNEL" ROOT "$ROOT" TPM "$TPM" ICOUNT "$ICOUNT"
		echo 'export VM_LIB=/vm/lib.sh HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
		printf 'command=(bash'
		printf ' %q' "/vm/test/$(basename "$script")" "$@"
		printf ')\n'
	} >"$ADD/vm/job"
}

# The guest's own programs. Static: only the file that a test names is judged.
tools_ready()
{
	local out source
	out="$CACHE/tools/$(cat "$VM"/guest/*.c | sha256sum | cut -c 1-16)"
	if [ ! -d "$out" ]; then
		mkdir -p "$out.$$"
		for source in "$VM"/guest/*.c; do
			cc -O2 -Wall -Wextra -Werror -static -o "$out.$$/$(basename "$source" .c)" "$source" || return 1
		done
		mv -T "$out.$$" "$out" 2>/dev/null || rm -rf "$out.$$"
	fi
	echo "$out"
}

# payload SCRIPT ARGS...: writes $RUN/add.cpio
payload()
{
	local item
	if [ "$ARCHIVE" = 1 ]; then
		item=$(archive_ready "${RUN_DISK:?ARCHIVE=1 takes ROOT=debian}") || exit 125
		EXTRA_FILES+=("$item:/srv/archive")
	fi
	mkdir -p "$ADD/vm/test" "$ADD/vm/files" "$ADD/usr"/{bin,sbin,lib,lib64}
	for item in bin sbin lib lib64; do ln -s usr/$item "$ADD/$item"; done
	cp "$VM/guest/agent" "$VM/guest/lib.sh" "$VM/guest/machine.sh" "$VM/guest/load-module" "$ADD/vm/"
	cp "$(tools_ready)"/* "$ADD/vm/" || die "the guest's tools could not be built"
	[ -z "${DIGLIM_DESTDIR-}" ] || cp -a "$DIGLIM_DESTDIR/." "$ADD/" ||
		die "DIGLIM_DESTDIR=$DIGLIM_DESTDIR cannot be copied"
	for item in ${FILES-} "${EXTRA_FILES[@]}"; do add_file "$item"; done
	write_job "$@"
	add_libraries
	cpio_tree "$RUN/stage" >"$RUN/add.cpio" || die "no cpio of the test's files"
}
