# shellcheck shell=bash
# attack: binfmt_misc gives a vouched file to an interpreter that nobody vouches for
# event: interp unknown
attempt()
{
	local dir=/proc/sys/fs/binfmt_misc
	module binfmt_misc
	mount -t binfmt_misc binfmt_misc $dir || skip "no binfmt_misc"
	evil ./evil
	victim ./program.victim
	echo ":attack:E::victim::$PWD/evil:" >$dir/register
	strike ./program.victim
	echo -1 >$dir/attack
	umount $dir
}
