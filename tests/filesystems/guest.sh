#!/bin/busybox sh
# What runs in the guest, as its first process: both programs on real
# filesystems, with devices that go away, fail and lie. It judges nothing: it
# prints what came, one line a fact, for the test on the host to judge:
#   @rc STEP NUMBER          how a program ended
#   @said STEP TEXT          a line it printed
#   @name STEP NAME          a file in the folder of bundles that is not hidden
/bin/busybox --install -s /bin
export PATH=/bin HANDCARRY_HOME=/home TERM=dumb
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /tmp
for module in /modules/*.ko; do insmod "$module"; done
mkdir -p /stick

# The device with a serial number, once it is there.
device() {
    for try in $(seq 100); do
        for disk in /sys/block/vd*; do
            [ "$(cat "$disk/serial")" = "$1" ] && echo "/dev/${disk##*/}" && return
        done
        usleep 50000
    done
}

# Runs a program and tells how it ended: STEP PROGRAM ARGUMENTS
run() {
    step=$1; shift
    "$@" >/tmp/said 2>&1
    echo "@rc $step $?"
    sed "s/^/@said $step /" /tmp/said
}

write() { step=$1; shift; run "$step" handcarry-outside write /stick "$@"; }
verify() { run "$1" handcarry-inside verify /stick; }

names() {
    for file in /stick/handcarry/bundles/*; do
        [ -e "$file" ] && echo "@name $1 ${file##*/}"
    done
}

# Waits until the writer has brought so many bytes of a volume: BYTES
until_written() {
    for try in $(seq 2000); do
        for part in /stick/handcarry/bundles/.handcarry-*; do
            size=$(stat -c %s "$part" 2>/dev/null) && [ "$size" -ge "$1" ] && return
        done
        usleep 5000
    done
}

until_named() {
    for try in $(seq 2000); do
        for file in /stick/handcarry/bundles/*.zip*; do [ -e "$file" ] && return; done
        usleep 5000
    done
}

# Writes once more. The kernel may find by then that what was pulled is not
# sound, and make it read-only: then it is mounted anew, as a person does who
# plugs it in again. STEP TYPE DEVICE
again() {
    handcarry-outside write /stick >/tmp/again 2>&1
    code=$?
    if [ $code = 12 ]; then
        umount /stick
        mount -t "$2" "$3" /stick
        rm -f /stick/handcarry/bundles/*.zip*
        handcarry-outside write /stick >>/tmp/again 2>&1
        code=$?
    fi
    echo "@rc $1 $code"
    sed "s/^/@said $1 /" /tmp/again
}

# What lies there after trouble, and whether all goes well again: STEP TYPE DEVICE
afterwards() {
    mount -t "$2" "$3" /stick
    names "$1"
    verify "$1-verify"
    rm -f /stick/handcarry/bundles/*.zip*
    again "$1-again" "$2" "$3"
    verify "$1-again-verify"
    umount /stick
}

# A device mapper's table in the place of another, in the middle of everything.
swap() { dmsetup suspend --noflush --nolockfs "$1"; dmsetup load "$1" --table "$2"; dmsetup resume "$1"; }

# The firmware left its line unfinished.
echo
FAT=$(device fat) EXFAT=$(device exfat) SPARE=$(device spare) DISC=$(device disc)
SECTORS=$(cat /sys/block/${FAT##*/}/size)

# 1. A stick as it should be, and one that is mounted read-only.
for kind in vfat exfat; do
    [ $kind = vfat ] && disk=$FAT || disk=$EXFAT
    mount -t $kind $disk /stick
    write $kind-write --volume-size 1M
    names $kind-write
    umount /stick
    mount -t $kind -o ro $disk /stick
    verify $kind-verify
    write $kind-read-only
    umount /stick
    mount -t $kind $disk /stick
    rm -r /stick/handcarry
    umount /stick
done
# 2. Discs.
for kind in iso9660 udf; do
    mount -t $kind -o ro $DISC /stick
    verify $kind-verify
    write $kind-write
    umount /stick
done

# 3. The stick is pulled in the middle of writing.
for kind in vfat exfat; do
    [ $kind = vfat ] && serial=fat || serial=exfat
    disk=$(device $serial)
    mount -t $kind $disk /stick
    handcarry-outside write /stick >/tmp/pulled 2>&1 &
    writer=$!
    until_written 500000
    echo 1 > /sys/block/${disk##*/}/device/../remove
    wait $writer
    echo "@rc $kind-pulled $?"
    sed "s/^/@said $kind-pulled /" /tmp/pulled
    umount /stick
    echo 1 > /sys/bus/pci/rescan
    afterwards $kind-pulled $kind "$(device $serial)"
done

# 4. The device fails: while bytes are written, while volumes get their names.
FAT=$(device fat) EXFAT=$(device exfat)
for kind in vfat exfat; do
    [ $kind = vfat ] && disk=$FAT || disk=$EXFAT
    for moment in bytes names; do
        step=$kind-fails-at-$moment
        dmsetup create stick --table "0 $SECTORS linear $disk 0"
        dmsetup mknodes
        mount -t $kind /dev/mapper/stick /stick
        rm -rf /stick/handcarry
        sync
        handcarry-outside write /stick --volume-size 64K >/tmp/failed 2>&1 &
        writer=$!
        if [ $moment = bytes ]; then
            until_written 30000
            swap stick "0 $SECTORS flakey $disk 0 0 3600 1 error_writes"
        else
            until_named
            swap stick "0 $SECTORS error"
        fi
        wait $writer
        echo "@rc $step $?"
        sed "s/^/@said $step /" /tmp/failed
        umount /stick
        swap stick "0 $SECTORS linear $disk 0"
        afterwards $step $kind /dev/mapper/stick
        dmsetup remove stick
    done
done

# 5. A device with less room than it says: what lies beyond is lost, or lies
# where something else lies already.
REAL=8192
dmsetup create stick --table "0 $REAL linear $SPARE 0
$REAL $((SECTORS - REAL)) zero"
dmsetup mknodes
mount -t vfat /dev/mapper/stick /stick
write lost-beyond
names lost-beyond
umount /stick
swap stick "0 $REAL linear $SPARE 0
$REAL 4096 linear $SPARE 4096
$((REAL + 4096)) 4096 linear $SPARE 4096
$((REAL + 8192)) $((SECTORS - REAL - 8192)) linear $SPARE $((REAL + 8192))"
mount -t vfat /dev/mapper/stick /stick
write wraps-around
names wraps-around
umount /stick
swap stick "0 $REAL linear $SPARE 0
$REAL $((SECTORS - REAL)) zero"
mount -t vfat /dev/mapper/stick /stick
run check-lost-beyond handcarry-inside media check /stick --size 8M
umount /stick

# 6. Tried without harm: a good device, and one that fails.
dmsetup remove stick
dmsetup create stick --table "0 $SECTORS linear $FAT 0"
dmsetup mknodes
mount -t vfat /dev/mapper/stick /stick
run check-good handcarry-outside media check /stick --size 2M
# A folder that is there already, so that the first thing to fail is a test file.
mkdir -p /stick/handcarry/check
echo >/stick/handcarry/check/notes
sync
swap stick "0 $SECTORS flakey $FAT 0 0 3600 1 error_writes"
run check-failing handcarry-outside media check /stick --size 2M
umount /stick

echo "@end"
poweroff -f
