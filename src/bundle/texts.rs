//! The two entries for people with stock tools: `SHA256SUMS` and `README.txt`.

use super::container::{MANIFEST, PACKAGES, README};
use crate::model::{Manifest, Sha256Digest, text};
use std::fmt::Write as _;

/// `SHA256SUMS`: what `sha256sum -c` reads; manifest, readme, then packages.
pub(super) fn sums(manifest: &Manifest, raw: &[u8], readme: &[u8]) -> String {
    let mut sums = String::new();
    let mut line = |digest: Sha256Digest, name: &str| {
        sums.push_str(&format!("{digest}  {name}\n"));
    };
    line(Sha256Digest::of(raw), MANIFEST);
    line(Sha256Digest::of(readme), README);
    for package in &manifest.packages {
        line(package.sha256, &format!("{PACKAGES}{}", package.file));
    }
    sums
}

/// `README.txt`: how to check and use the bundle without this program.
pub(super) fn readme(manifest: &Manifest, signatures: usize) -> String {
    let mut text = String::new();
    let host = text::one_line(&manifest.appliance.host);
    let _ = write!(
        text,
        "UPDATES FOR {host}\n\n\
         Bundle {}, sealed {},\n\
         for the appliance with serial number {}.\n\
         Use it before {}.\n\n",
        manifest.bundle,
        manifest.created.human(),
        text::one_line(&manifest.appliance.serial),
        manifest.expires.human(),
    );
    text.push_str(INTRODUCTION);
    text.push_str(JOIN);
    let _ = write!(text, "2. CHECK WHO SIGNED IT ({})\n\n", text::counted(signatures, "signature file"));
    text.push_str(SIGNERS);
    text.push_str(CHECK);
    packages(&mut text, manifest);
    text.push_str(INSTALL);
    text
}

fn packages(text: &mut String, manifest: &Manifest) {
    for (at, package) in manifest.packages.iter().enumerate() {
        let name = text::one_line(&package.name);
        let _ = writeln!(text, "   {}. {name}: packages/{} ({} bytes)", at + 1, package.file, package.size_bytes);
        let last = at + 1 == manifest.packages.len();
        // The guide's rule for whoever installs by hand. After the last
        // package nothing follows that would have to wait.
        if package.kind == crate::model::PackageKind::Site && !last {
            text.push_str("      then wait 24 hours, until all clients have updated themselves\n");
        }
    }
    text.push('\n');
}

const INTRODUCTION: &str = "\
'handcarry-inside verify' and 'handcarry-inside push' do all of this and more.
Without them, do the following. This file and SHA256SUMS are not signed; only
manifest.json is. So take the commands from a source you trust where you have
one (the manual page handcarry-bundle(5) has them), and do not skip step 3:
what was changed is found by it alone.

";

const JOIN: &str = "\
1. JOIN AND UNPACK

   One file NAME.zip: unpack it. Several files NAME.zip.001, NAME.zip.002 ...:
   Linux:    cat NAME.zip.* > NAME.zip && unzip NAME.zip
   Windows:  copy /b NAME.zip.001+NAME.zip.002+... NAME.zip
             then: tar -xf NAME.zip (or open NAME.zip.001 with 7-Zip)

";

// A backslash before the line's end would eat the indentation of the next one.
const SIGNERS: &str = "   You need the file allowed_signers of those you trust: for each person who may
   seal, the line that 'handcarry-outside keygen' printed. Have it from that
   person, never from this medium. And ssh-keygen of OpenSSH 8.2 or later
   (Windows has it). For each signature file, with N = 1, 2 ...:
   Linux:    ssh-keygen -Y find-principals -s manifest.json.N.sig -f allowed_signers
             ssh-keygen -Y verify -f allowed_signers -I WHO -n handcarry-bundle \\
               -s manifest.json.N.sig < manifest.json
   Windows, in a command prompt (cmd), the same two commands, each on one line.
   WHO is what the first command printed. Each must say 'Good signature', and as
   many different keys as your rules ask for must have signed.

";

const CHECK: &str = "\
3. CHECK THE FILES

   Against manifest.json, which is what was signed. SHA256SUMS is not: whoever can
   write here can make it agree with anything.
   Linux:    awk -F'\"' '$2 == \"file\" { f = $4 } $2 == \"sha256\" && f {
               print $4 \"  packages/\" f; f = \"\" }' manifest.json | sha256sum -c -
             ls -A packages | sort > there.txt
             awk -F'\"' '$2 == \"file\" { print $4 }' manifest.json | sort |
               diff - there.txt
   Windows, in PowerShell:
             (Get-Content manifest.json -Raw | ConvertFrom-Json).packages |
               ForEach-Object { $_.file + ': ' +
               ((Get-FileHash \"packages\\$($_.file)\").Hash -eq $_.sha256) }
             dir packages
   Each package must be 'OK' ('True' in PowerShell), and none may lie there that is
   not named: diff prints such a one (on Windows, compare with dir).
   Then see what it was signed for, since another bundle of the same signer would
   pass too: the serial number must be your appliance's, the time must not be over,
   and each package comes from the vendor's server, or from a person you know.
   Linux:    grep -E '\"(bundle|serial|sequence|created|expires)\"' manifest.json
             grep -E '\"(origin|by|compared)\"' manifest.json
   Windows:  findstr \"serial sequence created expires\" manifest.json
             findstr \"origin by compared\" manifest.json

4. INSTALL, IN THIS ORDER

";

const INSTALL: &str = "   Before the first: make a backup (/login, Management, Software) and keep it.
   For each: open /appliance in a browser, log in, Updates, Manual Installation,
   choose the file, Update Software, read and accept the licence agreement.
   An installation takes 15 minutes to an hour and may restart the appliance.
   Do not restart it yourself, do not install the next package before the
   version shown under Status has changed, and keep the waits named above.
";
