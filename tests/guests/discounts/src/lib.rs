//! A library component: no function, but what functions import.

use exports::shop::pricing::discount::Guest;

wit_bindgen::generate!({ path: "wit", world: "library" });

struct Discounts;

impl Guest for Discounts {
    fn apply(cents: u32, group: String) -> u32 {
        match group.as_str() {
            "student" => cents / 2,
            "member" => cents - cents / 10,
            _ => cents,
        }
    }
}

export!(Discounts);
