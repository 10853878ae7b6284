//! A node of an Atlas cluster, which no verb works.

use super::soak::api;
use crate::support::bench::{Bench, NAME};
use handcarry::testing::model::Exit;

#[test]
fn a_node_of_a_cluster_is_refused_with_what_to_do() {
    let bench = Bench::new(&["--fault", "cluster-node"]);
    api(&bench, "");
    for refused in [bench.push(&"y\n".repeat(9)), bench.inside(&["update", NAME], &"y\n".repeat(9))] {
        let refused = refused.ends(Exit::RoleUnexpected.code());
        assert!(refused.has("a traffic node of an Atlas cluster"), "{}", refused.err);
        assert!(refused.has("in an order that only the vendor tells"), "{}", refused.err);
    }
    assert!(bench.lab.installs().is_empty());
}
