//! The calls of Windows that no library has a safe form of: each is one
//! function here, and nothing else in this package is unsafe.

#![allow(unsafe_code, reason = "windows-sys declares what Windows has, and Windows has pointers")]

use std::ffi::{OsString, c_void};
use std::fs::File;
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE, HANDLE, INVALID_HANDLE_VALUE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, ConvertSidToStringSidW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetTokenInformation, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR,
    SECURITY_ATTRIBUTES, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, GetDiskFreeSpaceExW, GetDiskFreeSpaceW, GetDriveTypeW, GetVolumeInformationW,
    GetVolumeNameForVolumeMountPointW, GetVolumePathNameW, MOVEFILE_WRITE_THROUGH, MoveFileExW, ReOpenFile,
};
use windows_sys::Win32::System::Diagnostics::Debug::{SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::{IOCTL_STORAGE_GET_HOTPLUG_INFO, STORAGE_HOTPLUG_INFO};
use windows_sys::Win32::System::Pipes::WaitNamedPipeW;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Longest path that Windows knows, in units of UTF-16, its end included.
const MAX_PATH_UNITS: usize = 32_768;
/// Room for a volume's or filesystem's name, in units of UTF-16: Windows allows no longer ones.
const MAX_NAME_UNITS: usize = 261;

/// Fails a call instead of asking a person about it, and the process instead of reporting on it.
pub(super) fn no_dialogs() {
    // SAFETY: it sets a number of this process.
    unsafe { SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX) };
}

/// What a volume says of itself.
pub(super) struct Volume {
    pub filesystem: String,
    pub serial: u32,
    pub flags: u32,
}

/// How much a volume holds, in bytes.
pub(super) struct Room {
    pub free: u64,
    pub total: u64,
    pub cluster: u64,
}

/// What Windows takes for a text: UTF-16 that ends with a zero.
fn wide(text: &Path) -> io::Result<Vec<u16>> {
    let mut units: Vec<u16> = text.as_os_str().encode_wide().collect();
    if units.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a path has no zero in it"));
    }
    units.push(0);
    Ok(units)
}

/// What Windows wrote into `room`, up to its zero.
fn text(room: &[u16]) -> OsString {
    OsString::from_wide(room.split(|unit| *unit == 0).next().unwrap_or_default())
}

/// The error of the call before, where it said no.
fn check(said_yes: i32) -> io::Result<()> {
    if said_yes == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The root of the volume that holds `path`: `E:\`, or a folder where one is mounted.
pub(super) fn volume_root(path: &Path) -> io::Result<PathBuf> {
    let (path, mut room) = (wide(path)?, vec![0; MAX_PATH_UNITS]);
    // SAFETY: `path` ends with a zero, and `room` is as long as is said; both outlive the call.
    check(unsafe { GetVolumePathNameW(path.as_ptr(), room.as_mut_ptr(), room.len() as u32) })?;
    Ok(text(&room).into())
}

/// The name that a volume has wherever it is mounted: `\\?\Volume{…}\`.
pub(super) fn volume_name(root: &Path) -> io::Result<String> {
    let (root, mut room) = (wide(root)?, vec![0; MAX_NAME_UNITS]);
    // SAFETY: as above.
    check(unsafe { GetVolumeNameForVolumeMountPointW(root.as_ptr(), room.as_mut_ptr(), room.len() as u32) })?;
    Ok(text(&room).to_string_lossy().into_owned())
}

/// Filesystem, serial number and flags of a volume.
pub(super) fn volume(root: &Path) -> io::Result<Volume> {
    let (root, mut room) = (wide(root)?, vec![0; MAX_NAME_UNITS]);
    let (mut serial, mut flags) = (0, 0);
    // SAFETY: `root` ends with a zero; what is not asked for is null with the length 0; the two numbers and `room`,
    // which is as long as is said, outlive the call.
    check(unsafe {
        let (name, longest) = (ptr::null_mut(), ptr::null_mut());
        let (kind, length) = (room.as_mut_ptr(), room.len() as u32);
        GetVolumeInformationW(root.as_ptr(), name, 0, &mut serial, longest, &mut flags, kind, length)
    })?;
    Ok(Volume { filesystem: text(&room).to_string_lossy().into_owned(), serial, flags })
}

/// How much is free for this account, and how much there is.
pub(super) fn room(root: &Path) -> io::Result<Room> {
    let root = wide(root)?;
    let (mut free, mut total) = (0, 0);
    // SAFETY: `root` ends with a zero; both numbers outlive the call, and the third is not asked for.
    check(unsafe { GetDiskFreeSpaceExW(root.as_ptr(), &mut free, &mut total, ptr::null_mut()) })?;
    let (mut sectors, mut bytes, mut unused, mut all) = (0, 0, 0, 0);
    // SAFETY: as above, with four numbers.
    let told = unsafe { GetDiskFreeSpaceW(root.as_ptr(), &mut sectors, &mut bytes, &mut unused, &mut all) };
    let cluster = if told == 0 { 0 } else { u64::from(sectors) * u64::from(bytes) };
    Ok(Room { free, total, cluster })
}

/// What kind of drive a root is, as `GetDriveTypeW` numbers them.
pub(super) fn drive_type(root: &Path) -> io::Result<u32> {
    let root = wide(root)?;
    // SAFETY: `root` ends with a zero.
    Ok(unsafe { GetDriveTypeW(root.as_ptr()) })
}

/// Whether a volume's device may be pulled out while the machine runs.
pub(super) fn is_hotplug(volume: &File) -> io::Result<bool> {
    let mut told = STORAGE_HOTPLUG_INFO { Size: size_of::<STORAGE_HOTPLUG_INFO>() as u32, ..Default::default() };
    let (room, mut got) = (ptr::from_mut(&mut told).cast::<c_void>(), 0);
    // SAFETY: `volume` is open; `told` is of the type that this code answers with, as long as is said, and outlives
    // the call, which is not overlapped.
    check(unsafe {
        let (code, length) = (IOCTL_STORAGE_GET_HOTPLUG_INFO, size_of::<STORAGE_HOTPLUG_INFO>() as u32);
        DeviceIoControl(volume.as_raw_handle(), code, ptr::null(), 0, room, length, &mut got, ptr::null_mut())
    })?;
    Ok(told.DeviceHotplug || told.MediaRemovable)
}

/// Has a volume do what one of Windows' codes says that neither takes nor gives bytes.
pub(super) fn control(volume: &File, code: u32, input: &[u8]) -> io::Result<()> {
    let (bytes, mut got) = (input.as_ptr().cast::<c_void>(), 0);
    // SAFETY: `volume` is open, `input` as long as is said, nothing is written back, and the call is not overlapped.
    check(unsafe {
        let nothing = ptr::null_mut();
        DeviceIoControl(volume.as_raw_handle(), code, bytes, input.len() as u32, nothing, 0, &mut got, ptr::null_mut())
    })
}

/// Renames where nothing bears the new name; returns when the disk has it.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (wide(from)?, wide(to)?);
    // SAFETY: both end with a zero.
    check(unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), MOVEFILE_WRITE_THROUGH) })
}

/// Waits until a named pipe has an end to spare.
pub(super) fn wait_for_pipe(path: &Path, longest_ms: u32) -> io::Result<()> {
    let path = wide(path)?;
    // SAFETY: `path` ends with a zero.
    check(unsafe { WaitNamedPipeW(path.as_ptr(), longest_ms) })
}

/// Opens a file that is open once more, for reading, with `flags` of its own.
pub(super) fn reopen(file: &File, flags: u32) -> io::Result<File> {
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: `file` is open.
    let handle = unsafe { ReOpenFile(file.as_raw_handle(), GENERIC_READ, share, flags) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, and nobody else has it.
    Ok(File::from(unsafe { OwnedHandle::from_raw_handle(handle) }))
}

/// The account that this process runs as: its SID as text.
pub(super) fn account() -> io::Result<String> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the process's own handle needs no closing, and `token` outlives the call.
    check(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) })?;
    // SAFETY: the handle was just made, and nobody else has it.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // Of eight bytes each, so that the structure in it lies as it must; a SID has 68 bytes at most.
    let mut room = [0u64; 32];
    let mut got = 0;
    // SAFETY: `token` is open, and `room` as long as is said.
    check(unsafe {
        let (length, at) = (size_of_val(&room) as u32, room.as_mut_ptr().cast::<c_void>());
        GetTokenInformation(token.as_raw_handle(), TokenUser, at, length, &mut got)
    })?;
    let mut sid = ptr::null_mut();
    // SAFETY: the call before put a TOKEN_USER there, whose SID lies in `room` too; `sid` outlives the call.
    check(unsafe { ConvertSidToStringSidW((*room.as_ptr().cast::<TOKEN_USER>()).User.Sid, &mut sid) })?;
    // SAFETY: the call before made it, and it ends with a zero.
    Ok(unsafe { taken(sid) })
}

/// Copies a text that Windows allocated, and gives it back.
///
/// # Safety
/// `at` must be such a text that ends with a zero, and not be used any more.
unsafe fn taken(at: *mut u16) -> String {
    let mut length = 0;
    // SAFETY: up to its zero the text can be read.
    while unsafe { *at.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: as above.
    let text = String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(at, length) });
    // SAFETY: Windows allocated it for us to free, and nothing refers to it any more.
    unsafe { LocalFree(at.cast()) };
    text
}

/// A security descriptor that Windows allocated; given back when dropped.
struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    /// From its text.
    fn parse(sddl: &str) -> io::Result<Descriptor> {
        let (sddl, mut made) = (wide(Path::new(sddl))?, ptr::null_mut());
        // SAFETY: `sddl` ends with a zero, `made` outlives the call, and the length is not asked for.
        check(unsafe {
            let length = ptr::null_mut();
            ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl.as_ptr(), SDDL_REVISION_1, &mut made, length)
        })?;
        Ok(Descriptor(made))
    }

    /// What a file or folder is made with that is to have it; of use as long as this is.
    fn attributes(&self) -> SECURITY_ATTRIBUTES {
        let length = size_of::<SECURITY_ATTRIBUTES>() as u32;
        SECURITY_ATTRIBUTES { nLength: length, lpSecurityDescriptor: self.0, bInheritHandle: 0 }
    }

    /// Owner and list as text.
    fn to_sddl(&self) -> io::Result<String> {
        let mut text = ptr::null_mut();
        // SAFETY: the descriptor is one, `text` outlives the call, and the length is not asked for.
        check(unsafe {
            let (what, length) = (OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, ptr::null_mut());
            ConvertSecurityDescriptorToStringSecurityDescriptorW(self.0, SDDL_REVISION_1, what, &mut text, length)
        })?;
        // SAFETY: the call before made it, and it ends with a zero.
        Ok(unsafe { taken(text) })
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: Windows allocated it for us to free, and nothing refers to it any more.
        unsafe { LocalFree(self.0) };
    }
}

/// As Windows itself writes a descriptor: some accounts have names of two letters.
pub(super) fn as_written(sddl: &str) -> io::Result<String> {
    Descriptor::parse(sddl)?.to_sddl()
}

/// Whose a file or folder is, and who may do what with it, as text (SDDL).
pub(super) fn descriptor(file: &File) -> io::Result<String> {
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let mut made = ptr::null_mut();
    let none = ptr::null_mut;
    // SAFETY: `file` is open, `made` outlives the call, and the parts are not asked for one by one.
    let failed = unsafe {
        GetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            what,
            none(),
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &mut made,
        )
    };
    match failed {
        0 => Descriptor(made).to_sddl(),
        number => Err(io::Error::from_raw_os_error(number.cast_signed())),
    }
}

/// Makes a file that has a descriptor's list from the beginning, to be written and read; opens nothing that is there.
pub(super) fn create_file(path: &Path, sddl: &str) -> io::Result<File> {
    let (path, descriptor) = (wide(path)?, Descriptor::parse(sddl)?);
    let with = descriptor.attributes();
    let (access, share) = (GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    // SAFETY: `path` ends with a zero; the attributes and the descriptor in them outlive the call.
    let handle = unsafe {
        let template = ptr::null_mut();
        CreateFileW(path.as_ptr(), access, share, &with, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, template)
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, and nobody else has it.
    Ok(File::from(unsafe { OwnedHandle::from_raw_handle(handle) }))
}

/// Makes a folder that has a descriptor's list from the beginning.
pub(super) fn create_dir(path: &Path, sddl: &str) -> io::Result<()> {
    let (path, descriptor) = (wide(path)?, Descriptor::parse(sddl)?);
    let with = descriptor.attributes();
    // SAFETY: `path` ends with a zero; the attributes and the descriptor in them outlive the call.
    check(unsafe { CreateDirectoryW(path.as_ptr(), &with) })
}
