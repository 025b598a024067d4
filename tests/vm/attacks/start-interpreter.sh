# shellcheck shell=bash
# attack: a vouched script names an interpreter (#!) that was replaced
# event: interp unknown
attempt()
{
	evil /run/interpreter
	strike /vm/attack-script
	rm -f /run/interpreter
}
