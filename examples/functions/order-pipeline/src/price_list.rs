//! The price list, as text and as a map.

use std::collections::BTreeMap;

use crate::OrderError;

/// What one item costs, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The price of one, in cents.
    pub cents: u64,
    /// How many there are to begin with.
    pub stock: u64,
}

/// The items for sale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceList {
    offers: BTreeMap<String, Offer>,
}

impl PriceList {
    /// Reads items with price and stock: `tea:350:12, cup:725:3`.
    ///
    /// # Errors
    /// [`OrderError::InvalidPriceList`], saying which item is wrong.
    pub fn parse(text: &str) -> Result<Self, OrderError> {
        let mut offers = BTreeMap::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let invalid = |why: &str| OrderError::InvalidPriceList(format!("`{entry}` {why}"));
            let (item, offer) = offer(entry).ok_or_else(|| invalid("is not item:cents:stock"))?;
            if offers.insert(item.to_owned(), offer).is_some() {
                return Err(invalid("is there twice"));
            }
        }
        if offers.is_empty() {
            return Err(OrderError::InvalidPriceList("the price list is empty".to_owned()));
        }
        Ok(Self { offers })
    }

    /// The offer of an item.
    ///
    /// # Errors
    /// [`OrderError::UnknownItem`].
    pub fn offer(&self, item: &str) -> Result<Offer, OrderError> {
        self.offers.get(item).copied().ok_or_else(|| OrderError::UnknownItem(item.to_owned()))
    }

    /// How many items are for sale.
    pub fn len(&self) -> usize {
        self.offers.len()
    }

    /// Whether nothing is for sale.
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }
}

/// An item with its offer.
fn offer(entry: &str) -> Option<(&str, Offer)> {
    let mut parts = entry.split(':').map(str::trim);
    let item = parts.next().filter(|item| !item.is_empty())?;
    // 32 bits are enough for a price and for a stock, and let sums in 64 bits never overflow in practice.
    let mut number = || parts.next()?.parse::<u32>().ok().map(u64::from);
    let offer = Offer { cents: number()?, stock: number()? };
    parts.next().is_none().then_some((item, offer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_with_price_and_stock() {
        let prices = PriceList::parse("tea:350:12, cup : 725 : 3,").expect("the list is right");
        assert_eq!(prices.len(), 2);
        assert_eq!(prices.offer("tea"), Ok(Offer { cents: 350, stock: 12 }));
        assert_eq!(prices.offer("cup"), Ok(Offer { cents: 725, stock: 3 }));
        assert_eq!(prices.offer("pot"), Err(OrderError::UnknownItem("pot".to_owned())));
    }

    #[test]
    fn wrong_entries_are_named() {
        let check = |text: &str, message: &str| {
            let error = PriceList::parse(text).expect_err("the list is wrong");
            assert_eq!(error, OrderError::InvalidPriceList(message.to_owned()), "{text}");
        };
        check("", "the price list is empty");
        check("tea:350:12, cup", "`cup` is not item:cents:stock");
        check(":350:12", "`:350:12` is not item:cents:stock");
        check("tea:3.50:12", "`tea:3.50:12` is not item:cents:stock");
        check("tea:-1:12", "`tea:-1:12` is not item:cents:stock");
        check("tea:1:2:3", "`tea:1:2:3` is not item:cents:stock");
        check("tea:1:2, tea:3:4", "`tea:3:4` is there twice");
    }
}
