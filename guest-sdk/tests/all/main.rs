//! Every signature that the attributes accept. That this compiles is the test: the attributes check natively, too,
//! that a function's types fit the contract.

#![cfg(not(target_family = "wasm"))]

mod signatures;
