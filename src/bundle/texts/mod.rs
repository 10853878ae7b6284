//! The two entries for people with stock tools: `SHA256SUMS` and `README.txt`.

mod portuguese;

use super::container::{MANIFEST, PACKAGES, README};
use crate::model::{Consignee, Manifest, PackageKind, Sha256Digest, text};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `SHA256SUMS`: what `sha256sum -c` reads; manifest, readme, then packages.
pub(super) fn sums(manifest: &Manifest, sha256: Sha256Digest, readme: &[u8]) -> String {
    let mut sums = String::new();
    let mut line = |digest: Sha256Digest, name: &str| {
        sums.push_str(&format!("{digest}  {name}\n"));
    };
    line(sha256, MANIFEST);
    line(Sha256Digest::of(readme), README);
    for package in &manifest.packages {
        line(package.sha256, &format!("{PACKAGES}{}", package.file));
    }
    sums
}

/// `README.txt`: how to check and use the bundle without this program, in English and in Portuguese.
pub(super) fn readme(manifest: &Manifest, signatures: usize) -> String {
    let mut text = String::new();
    let (title, whose) = match manifest.appliances.as_slice() {
        [only] => {
            (text::one_line(&only.host), format!("the appliance with serial number {}", text::one_line(&only.serial)))
        }
        many => (format!("{} APPLIANCES", many.len()), "the appliances that step 4 names".to_owned()),
    };
    let _ = write!(
        text,
        "UPDATES FOR {title}\n\n\
         Bundle {}, sealed {},\n\
         for {whose}.\n\
         Use it before {}.\n\n",
        manifest.bundle,
        manifest.created.human(),
        manifest.expires.human(),
    );
    text.push_str(portuguese::POINTER);
    text.push_str(INTRODUCTION);
    text.push_str(JOIN);
    let _ = write!(text, "2. CHECK WHO SIGNED IT ({})\n\n", text::counted(signatures, "signature file"));
    text.push_str(SIGNERS);
    text.push_str(CHECK);
    match manifest.appliances.as_slice() {
        [only] => packages(&mut text, manifest, Some(only)),
        _ => {
            packages(&mut text, manifest, None);
            appliances(&mut text, manifest);
        }
    }
    text.push_str(INSTALL);
    text.push_str(portuguese::WHOLE);
    text
}

/// The packages: in the order of the one appliance, else by number.
fn packages(text: &mut String, manifest: &Manifest, only: Option<&Consignee>) {
    text.push_str(match only {
        Some(_) => "4. INSTALL, IN THIS ORDER\n\n",
        None => "4. INSTALL, ON EACH APPLIANCE IN ITS OWN ORDER\n\n   The packages:\n",
    });
    for (at, package) in manifest.packages.iter().enumerate() {
        let name = text::one_line(&package.name);
        let _ = writeln!(text, "   {}. {name}: packages/{} ({} bytes)", at + 1, package.file, package.size_bytes);
        // The guide's rule for whoever installs by hand. After the last
        // package nothing follows that would have to wait.
        let last = only.is_some() && at + 1 == manifest.packages.len();
        if package.kind == PackageKind::Site && !last {
            let more = if only.is_some() { "" } else { ",\n      but not after an appliance's last one" };
            let _ = writeln!(text, "      then wait 24 hours, until all clients have updated themselves{more}");
        }
    }
    text.push('\n');
}

/// The appliances, those of one order together.
fn appliances(text: &mut String, manifest: &Manifest) {
    let mut orders: BTreeMap<Vec<usize>, Vec<&Consignee>> = BTreeMap::new();
    for (own, order) in manifest.appliances.iter().zip(manifest.orders()) {
        orders.entry(order).or_default().push(own);
    }
    for (order, of) in &orders {
        text.push_str("   These install, in this order,\n");
        for line in order.chunks(NUMBERS_A_LINE) {
            let numbers: Vec<String> = line.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "      {}", numbers.join(", "));
        }
        for own in of {
            let (host, serial) = (text::one_line(&own.host), text::one_line(&own.serial));
            let _ = writeln!(text, "   - {host}, serial number {serial}, sequence {}", own.sequence);
        }
        text.push('\n');
    }
}

/// Numbers on a line of the orders: of five digits each they fit on one of 80 columns.
const NUMBERS_A_LINE: usize = 10;

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
             awk -F'\"' '$2 == \"file\" && $4 { print $4 }' manifest.json | sort |
               diff - there.txt
   Windows, in PowerShell:
             (Get-Content manifest.json -Raw | ConvertFrom-Json).packages |
               ForEach-Object { $_.file + ': ' +
               ((Get-FileHash \"packages\\$($_.file)\").Hash -eq $_.sha256) }
             dir packages
   Each package must be 'OK' ('True' in PowerShell), and none may lie there that is
   not named: diff prints such a one (on Windows, compare with dir).
   Then see what it was signed for, since another bundle of the same signer would
   pass too: the time must not be over, your appliance's serial number must be
   there, and each package comes from the vendor's server, or from a person you
   know. The second command prints what was signed for the appliance with the
   serial number SERIAL: its packages, in the order in which it installs them.
   Linux:    grep -E '\"(bundle|created|expires|serial)\"' manifest.json
             sed -n '/\"serial\": \"SERIAL\"/,/^      ]/p' manifest.json
             grep -E '\"(origin|by|compared)\"' manifest.json
   Windows:  findstr \"bundle created expires serial\" manifest.json
             findstr \"origin by compared\" manifest.json
             In PowerShell:
             (Get-Content manifest.json -Raw | ConvertFrom-Json).appliances |
               Where-Object serial -eq 'SERIAL'

";

const INSTALL: &str = "   Before the first: make a backup (/login, Management, Software) and keep it.
   For each: open /appliance in a browser, log in, Updates, Manual Installation,
   choose the file, Update Software, read and accept the licence agreement.
   An installation takes 15 minutes to an hour and may restart the appliance.
   Do not restart it yourself, do not install the next package before the
   version shown under Status has changed, and keep the waits named above.
";
