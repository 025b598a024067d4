# shellcheck shell=bash
# attack: writes to a mapped program through another name of it
# event: open-write vouched-write
attempt()
{
	victim ./victim
	evil ./evil
	ln ./victim ./other
	strike ./victim | grep -v unchanged
	if cat ./evil >./other; then strike ./victim; else echo "refused write"; fi
}
