//! The one rule: distinct keys, namespace, time, revocation, threshold.

use crate::trust::stock::{Check, Context, at, line, store};
use handcarry::testing::model::{Exit, Explain, Timestamp};
use handcarry::testing::trust::{
    AllowedSigners, Approval, MAX_SIGNATURES, Namespace, Signer, TrustError, TrustPolicy, TrustStore, approve,
};

const MESSAGE: &[u8] = b"the manifest\n";

fn now() -> Timestamp {
    at("2026-03-04T05:06:07Z")
}

fn people(context: &Context) -> [Signer; 3] {
    ["alice", "bob", "carol"].map(|name| context.signer(name))
}

fn all_lines(people: &[Signer]) -> String {
    ["alice", "bob", "carol"].iter().zip(people).map(|(name, signer)| line(name, signer.public())).collect()
}

fn signed(signer: &Signer) -> Vec<u8> {
    signer.sign(Namespace::Bundle, MESSAGE).expect("signs").into_bytes()
}

fn judge(store: &TrustStore, signatures: &[Vec<u8>]) -> Result<Approval, TrustError> {
    approve(store, Namespace::Bundle, MESSAGE, signatures, now())
}

/// The refusal's count and reasons.
fn short(result: Result<Approval, TrustError>) -> (usize, usize, Vec<String>) {
    match result {
        Err(TrustError::ThresholdNotMet { wanted, got, why, .. }) => (got, wanted, why),
        other => panic!("not a refusal for the threshold: {other:?}"),
    }
}

#[test]
fn one_trusted_signer_suffices_by_default() {
    let context = Context::new();
    let people = people(&context);
    let store = store(&all_lines(&people), "");
    let approval = judge(&store, &[signed(&people[1])]).expect("approved");
    assert_eq!(approval.threshold, 1);
    assert_eq!(approval.approvers.len(), 1);
    assert_eq!(approval.approvers[0].principal, "bob");
    assert_eq!(approval.approvers[0].fingerprint, people[1].public().fingerprint());
    assert!(approval.not_counted.is_empty());
}

#[test]
fn two_of_three_need_two_distinct_keys() {
    let context = Context::new();
    let people = people(&context);
    let store = store(&all_lines(&people), "threshold = 2");
    let [a, b, c] = [0, 1, 2].map(|i| signed(&people[i]));
    for pair in [[&a, &b], [&a, &c], [&c, &b]] {
        let approval = judge(&store, &pair.map(Clone::clone)).expect("approved");
        assert_eq!((approval.approvers.len(), approval.threshold), (2, 2));
    }
    assert_eq!(judge(&store, &[a.clone(), b.clone(), c.clone()]).expect("approved").approvers.len(), 3);
    let (got, wanted, why) = short(judge(&store, std::slice::from_ref(&a)));
    assert_eq!((got, wanted, why.len()), (1, 2, 0));
    let (got, _, why) = short(judge(&store, &[a.clone(), a]));
    assert_eq!(got, 1);
    assert!(why[0].starts_with("signature 2: key SHA256:") && why[0].ends_with("counts once"), "{why:?}");
}

#[test]
fn one_key_under_two_names_counts_once() {
    let context = Context::new();
    let signer = context.signer("alice");
    let signers = line("alice", signer.public()) + &line("bob", signer.public());
    let store = store(&signers, "threshold = 2");
    // Two different signatures by one key: another hash algorithm, so other bytes.
    let second = context.sign(&context.path("alice"), "handcarry-bundle", MESSAGE, &["-O", "hashalg=sha256"]);
    assert_ne!(second, signed(&signer));
    let (got, wanted, why) = short(judge(&store, &[signed(&signer), second]));
    assert_eq!((got, wanted), (1, 2));
    assert!(why.iter().any(|why| why.contains("only 1 distinct key")), "{why:?}");
}

#[test]
fn a_bad_extra_signature_does_not_spoil_enough_good_ones() {
    let context = Context::new();
    let people = people(&context);
    let store = store(&all_lines(&people[..2]), "threshold = 2");
    let stranger = signed(&people[2]);
    let garbage = b"garbage".to_vec();
    let mut bad = signed(&people[0]);
    bad[100] ^= 1;
    let other_kind = people[0].sign(Namespace::Receipt, MESSAGE).expect("signs").into_bytes();
    let signatures = [garbage, bad, stranger, other_kind, signed(&people[0]), signed(&people[1])];
    let approval = judge(&store, &signatures).expect("approved");
    assert_eq!(approval.approvers.len(), 2);
    assert_eq!(approval.not_counted.len(), 4);
    for (index, why) in approval.not_counted.iter().enumerate() {
        assert!(why.starts_with(&format!("signature {}: ", index + 1)), "{why}");
    }
    assert!(approval.not_counted[2].contains("is not among the trusted signers"), "{:?}", approval.not_counted);
    assert!(approval.not_counted[3].contains("made for handcarry-receipt, not for handcarry-bundle"));
}

#[test]
fn no_trust_is_a_refusal_of_its_own() {
    let context = Context::new();
    let signer = context.signer("alice");
    let revoked = format!("revoked = [\"{}\"]", signer.public().fingerprint());
    let authority = format!("alice cert-authority {}\n", signer.public().openssh());
    for (signers, policy) in [
        ("", ""),
        ("# nobody\n", ""),
        (authority.as_str(), ""),
        (line("alice", signer.public()).as_str(), revoked.as_str()),
    ] {
        let error = judge(&store(signers, policy), &[signed(&signer)]).expect_err("refused");
        assert!(matches!(error, TrustError::NoTrust { .. }), "{error}");
        assert_eq!(error.exit(), Exit::NoTrust);
    }
}

#[test]
fn no_signature_is_no_approval_even_by_a_store_made_with_threshold_zero() {
    let context = Context::new();
    let signer = context.signer("alice");
    let mut store = store(&line("alice", signer.public()), "");
    assert_eq!(short(judge(&store, &[])).0, 0);
    store.policy.threshold = 0;
    assert_eq!(short(judge(&store, &[])), (0, 1, Vec::new()));
}

#[test]
fn a_revoked_key_never_counts_however_it_is_written() {
    let context = Context::new();
    let people = people(&context);
    let signers = all_lines(&people);
    let key = people[0].public();
    for entry in [key.fingerprint(), key.openssh(), key.openssh().rsplit_once(' ').expect("a comment").0.to_owned()] {
        let store = store(&signers, &format!("revoked = [\"{entry}\"]"));
        let (got, _, why) = short(judge(&store, &[signed(&people[0])]));
        assert_eq!(got, 0);
        assert!(why[0].ends_with("is revoked"), "{why:?}");
        judge(&store, &[signed(&people[0]), signed(&people[1])]).expect("the other still counts");
    }
    // The same list, given to ssh-keygen, has the same effect.
    let signature = signed(&people[0]);
    let revoked = key.openssh();
    let check = Check { revoked: Some(&revoked), ..Check::new(&signers, MESSAGE, &signature) };
    assert!(!context.verifies(&check));
    assert!(context.verifies(&Check { revoked: None, ..check }));
}

#[test]
fn a_key_counts_only_within_its_time_at_both_ends() {
    let context = Context::new();
    let signer = context.signer("alice");
    let key = signer.public().openssh();
    let signers = format!("alice valid-after=\"20260304050607Z\",valid-before=\"20260305Z\" {key}\n");
    let signature = signed(&signer);
    let store = store(&signers, "");
    for (when, told) in [
        ("2026-03-04T05:06:06Z", Some("only from 2026-03-04T05:06:07Z on")),
        ("2026-03-04T05:06:07Z", None),
        ("2026-03-05T00:00:00Z", None),
        ("2026-03-05T00:00:01Z", Some("only until 2026-03-05T00:00:00Z")),
        ("1970-01-01T00:00:00Z", Some("only from")),
    ] {
        let here = approve(&store, Namespace::Bundle, MESSAGE, std::slice::from_ref(&signature), at(when));
        match told {
            None => drop(here.expect("approved")),
            Some(told) => {
                let why = short(here).2;
                assert!(why[0].contains(told) && why[0].contains("line 1"), "{when}: {why:?}");
            }
        }
        // ssh-keygen takes no time before 1970-01-01T00:00:01Z.
        if !when.starts_with("1970") {
            let check = Check { at: Some(at(when)), ..Check::new(&signers, MESSAGE, &signature) };
            assert_eq!(context.verifies(&check), told.is_none(), "{when}");
        }
    }
}

#[test]
fn a_key_restricted_to_receipts_approves_no_bundle() {
    let context = Context::new();
    let signer = context.signer("alice");
    let store = store(&format!("alice namespaces=\"handcarry-receipt\" {}\n", signer.public().openssh()), "");
    let why = short(judge(&store, &[signed(&signer)])).2;
    assert!(why[0].contains("line 1 lets it sign handcarry-receipt, not handcarry-bundle"), "{why:?}");
    let receipt = signer.sign(Namespace::Receipt, MESSAGE).expect("signs").into_bytes();
    approve(&store, Namespace::Receipt, MESSAGE, &[receipt], now()).expect("approved");
}

#[test]
fn a_line_that_names_nobody_approves_nothing() {
    let context = Context::new();
    let signer = context.signer("alice");
    for names in ["!alice", "*,!*"] {
        let store = store(&line(names, signer.public()), "");
        let why = short(judge(&store, &[signed(&signer)])).2;
        assert!(why[0].contains("names nobody"), "{why:?}");
    }
}

#[test]
fn a_certificate_authority_is_no_signer() {
    let context = Context::new();
    let (authority, signer) = (context.signer("authority"), context.signer("alice"));
    let key = authority.public().openssh();
    let signers = format!("* cert-authority {key}\n{}", line("alice", signer.public()));
    let why = short(judge(&store(&signers, ""), &[signed(&authority)])).2;
    assert!(why[0].contains("certificates are not used here"), "{why:?}");
}

#[test]
fn other_types_of_key_in_the_file_are_passed_over() {
    let context = Context::new();
    let signer = context.signer("alice");
    let rsa = context.keygen_with("rsa", "", &["-t", "rsa", "-b", "2048"]);
    let rsa_line = std::fs::read_to_string(rsa.with_extension("pub")).expect("the public key");
    let signers = format!("bob namespaces=\"file\" {rsa_line}{}", line("alice", signer.public()));
    let parsed = AllowedSigners::parse(&signers).expect("reads");
    assert_eq!(parsed.entries().len(), 1);
    assert_eq!(parsed.entries()[0].line, 2);
    assert_eq!(parsed.unusable().len(), 1);
    assert_eq!((parsed.unusable()[0].key_type.as_str(), parsed.unusable()[0].line), ("ssh-rsa", 1));
    let by_rsa = context.sign(&rsa, "handcarry-bundle", MESSAGE, &[]);
    let store = store(&signers, "");
    let why = short(judge(&store, std::slice::from_ref(&by_rsa))).2;
    assert!(why[0].contains("ssh-rsa; only ed25519"), "{why:?}");
    judge(&store, &[by_rsa, signed(&signer)]).expect("the ed25519 signer counts");
}

#[test]
fn any_number_of_signatures_that_do_not_count_spoils_nothing() {
    let context = Context::new();
    let people = people(&context);
    let store = store(&all_lines(&people[..2]), "threshold = 2");
    let mut signatures = vec![b"garbage".to_vec(); 2 * MAX_SIGNATURES];
    signatures.extend(vec![signed(&people[2]); 2 * MAX_SIGNATURES]);
    signatures.push(vec![b'A'; 1 << 20]);
    signatures.extend([signed(&people[0]), signed(&people[0]), signed(&people[1])]);
    let approval = judge(&store, &signatures).expect("approved");
    assert_eq!(approval.approvers.len(), 2);
    // The signer's own reason is told, of the others' the beginning and how many there are.
    let why = &approval.not_counted;
    assert!(why.len() < 12 && why.iter().any(|why| why.contains("has signed already")), "{why:?}");
    assert!(why.last().is_some_and(|why| why.contains(&format!("{} more", 4 * MAX_SIGNATURES + 1 - 8))), "{why:?}");
}

#[test]
fn the_exit_code_tells_a_bundle_from_a_paper() {
    let context = Context::new();
    let (signer, stranger) = (context.signer("alice"), context.signer("bob"));
    let store = store(&line("alice", signer.public()), "");
    for &namespace in Namespace::ALL {
        let signature = stranger.sign(namespace, MESSAGE).expect("signs").into_bytes();
        let error = approve(&store, namespace, MESSAGE, &[signature], now()).expect_err("refused");
        let expected = if namespace == Namespace::Bundle { Exit::ThresholdNotMet } else { Exit::DocumentUntrusted };
        assert_eq!(error.exit(), expected);
        assert!(
            error.to_string().starts_with(&format!("nobody trusted for it has signed the {}: ", namespace.document()))
        );
    }
}

#[test]
fn a_store_is_read_from_its_folder_and_an_absent_one_trusts_nobody() {
    let context = Context::new();
    let signer = context.signer("alice");
    let empty = TrustStore::read(&context.path("nowhere")).expect("absent is empty");
    assert!(empty.signers.entries().is_empty());
    assert_eq!(empty.policy, TrustPolicy::default());
    context.write("allowed_signers", line("alice", signer.public()));
    context.write("policy.toml", "threshold = 2\n");
    let read = TrustStore::read(context.path("x").parent().expect("the folder")).expect("reads");
    assert_eq!((read.signers.entries().len(), read.policy.threshold), (1, 2));

    context.write("allowed_signers", "alice nonsense\n");
    let error = TrustStore::read(context.path("x").parent().expect("the folder")).expect_err("faulty");
    assert!(error.to_string().contains("allowed_signers, line 1: "), "{error}");
    assert_eq!(error.exit(), Exit::Config);
}

#[test]
fn an_approved_document_is_one_that_ssh_keygen_verifies() {
    let context = Context::new();
    let people = people(&context);
    let signers = all_lines(&people);
    let store = store(&signers, "threshold = 3");
    let signatures: Vec<Vec<u8>> = people.iter().map(signed).collect();
    let approval = judge(&store, &signatures).expect("approved");
    for (approver, signature) in approval.approvers.iter().zip(&signatures) {
        let check =
            Check { principal: &approver.principal, at: Some(now()), ..Check::new(&signers, MESSAGE, signature) };
        assert!(context.verifies(&check));
    }
}

/// Who may sign bundles and who may change trust are two counts of distinct keys.
#[test]
fn bundles_and_changes_of_trust_have_thresholds_of_their_own() {
    let context = Context::new();
    let people = people(&context);
    let lines = [("alice", Namespace::Bundle), ("bob", Namespace::Trust), ("carol", Namespace::Trust)];
    let lines: String = lines
        .iter()
        .zip(&people)
        .map(|((name, role), signer)| format!("{name} namespaces=\"{role}\" {}\n", signer.public().openssh()))
        .collect();
    let store = store(&lines, "trust_threshold = 2");
    let by = |namespace: Namespace, who: &[usize]| {
        let signed = |at: &usize| people[*at].sign(namespace, MESSAGE).expect("signs").into_bytes();
        let signatures: Vec<Vec<u8>> = who.iter().map(signed).collect();
        approve(&store, namespace, MESSAGE, &signatures, now())
    };
    assert_eq!(by(Namespace::Bundle, &[0]).expect("approved").threshold, 1);
    assert_eq!(by(Namespace::Trust, &[1, 2]).expect("approved").threshold, 2);
    assert_eq!(short(by(Namespace::Trust, &[1])).0, 1);
    assert_eq!(short(by(Namespace::Trust, &[0, 1])).0, 1, "who signs bundles changes no trust");
    assert_eq!(short(by(Namespace::Bundle, &[1, 2])).0, 0, "who changes trust signs no bundle");
    // One who may do both counts for both, and once for each.
    let both: String = ["alice", "bob"].iter().zip(&people).map(|(name, signer)| line(name, signer.public())).collect();
    let both = TrustStore { signers: AllowedSigners::parse(&both).expect("reads"), policy: store.policy.clone() };
    let twice = [0, 0].map(|at: usize| people[at].sign(Namespace::Trust, MESSAGE).expect("signs").into_bytes());
    assert_eq!(short(approve(&both, Namespace::Trust, MESSAGE, &twice, now())).0, 1);
}
