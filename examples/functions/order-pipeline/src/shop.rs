//! The rules of the shop, without anything of a function in them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{OrderError, PriceList};

/// What a customer wants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Order {
    /// The items, each of which may be there several times.
    pub items: Vec<OrderItem>,
}

/// How much a customer wants of one item.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OrderItem {
    /// What.
    pub item: String,
    /// How many; one when it is left out.
    #[serde(default = "one")]
    pub count: u32,
}

/// What an order costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The items, each of them once, by name.
    pub lines: Vec<Line>,
    /// What everything costs, in cents.
    pub total_cents: u64,
    /// The currency that the cents are of.
    pub currency: String,
}

/// What one item of an order costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    pub item: String,
    /// How many.
    pub count: u64,
    /// The price of one, in cents.
    pub unit_cents: u64,
    /// The price of all, in cents.
    pub cents: u64,
}

/// The promise to send what was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// The number of the order.
    pub order: String,
    /// What everything costs, in cents.
    pub total_cents: u64,
    /// The currency that the cents are of.
    pub currency: String,
}

/// A shop: what it sells, and what it has sold.
#[derive(Debug)]
pub struct Shop {
    prices: PriceList,
    currency: String,
    sold: Mutex<Sold>,
}

/// What was sold. An instance remembers only its own sales, and forgets them when it goes: a real shop asks a
/// database.
#[derive(Debug, Default)]
struct Sold {
    orders: u64,
    items: BTreeMap<String, u64>,
}

impl Shop {
    /// A shop that has sold nothing yet.
    pub fn new(prices: PriceList, currency: String) -> Self {
        Self { prices, currency, sold: Mutex::default() }
    }

    /// What an order costs, now.
    ///
    /// # Errors
    /// [`OrderError::EmptyOrder`], [`OrderError::UnknownItem`], [`OrderError::OutOfStock`].
    pub fn price(&self, order: &Order) -> Result<Quote, OrderError> {
        let mut counts = BTreeMap::<&str, u64>::new();
        for OrderItem { item, count } in order.items.iter().filter(|item| item.count > 0) {
            *counts.entry(item).or_default() += u64::from(*count);
        }
        self.quote(&counts, &self.sold())
    }

    /// Confirms a quote and takes what it names out of the stock, or nothing of it.
    ///
    /// # Errors
    /// What [`Shop::price`] fails with, [`OrderError::PriceChanged`] and [`OrderError::InvalidQuote`].
    pub fn confirm(&self, quote: &Quote, order: String) -> Result<Confirmation, OrderError> {
        // Priced and sold under one lock, so that the last cup is not promised twice.
        let mut sold = self.sold();
        let counts: BTreeMap<&str, u64> = quote.lines.iter().map(|line| (line.item.as_str(), line.count)).collect();
        let today = self.quote(&counts, &sold)?;
        for (quoted, now) in quote.lines.iter().zip(&today.lines) {
            if (&quoted.item, quoted.count) == (&now.item, now.count) && quoted.unit_cents != now.unit_cents {
                let (quoted, now, item) = (quoted.unit_cents, now.unit_cents, now.item.clone());
                return Err(OrderError::PriceChanged { item, quoted, now });
            }
        }
        if *quote != today {
            return Err(OrderError::InvalidQuote("the quote is not one of this shop".to_owned()));
        }
        for line in &today.lines {
            *sold.items.entry(line.item.clone()).or_default() += line.count;
        }
        sold.orders += 1;
        Ok(Confirmation { order, total_cents: today.total_cents, currency: today.currency })
    }

    /// How many orders were confirmed.
    pub fn confirmed(&self) -> u64 {
        self.sold().orders
    }

    fn quote(&self, counts: &BTreeMap<&str, u64>, sold: &Sold) -> Result<Quote, OrderError> {
        let lines = counts.iter().map(|(&item, &count)| self.line(item, count, sold)).collect::<Result<Vec<_>, _>>()?;
        if lines.is_empty() {
            return Err(OrderError::EmptyOrder);
        }
        let total_cents = lines.iter().map(|line| line.cents).sum();
        Ok(Quote { lines, total_cents, currency: self.currency.clone() })
    }

    fn line(&self, item: &str, count: u64, sold: &Sold) -> Result<Line, OrderError> {
        let offer = self.prices.offer(item)?;
        let left = offer.stock - sold.items.get(item).unwrap_or(&0);
        if count > left {
            return Err(OrderError::OutOfStock { item: item.to_owned(), wanted: count, left });
        }
        // The count is at most the stock: 32 bits times 32 bits.
        Ok(Line { item: item.to_owned(), count, unit_cents: offer.cents, cents: offer.cents * count })
    }

    fn sold(&self) -> MutexGuard<'_, Sold> {
        // Whoever panicked while it held the lock had changed nothing yet, or everything.
        self.sold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Shop {
        let prices = PriceList::parse("tea:350:12, cup:725:3").expect("the list is right");
        Shop::new(prices, "EUR".to_owned())
    }

    fn order(items: &[(&str, u32)]) -> Order {
        let items = items.iter().map(|(item, count)| OrderItem { item: (*item).to_owned(), count: *count });
        Order { items: items.collect() }
    }

    fn out_of_stock(item: &str, wanted: u64, left: u64) -> OrderError {
        OrderError::OutOfStock { item: item.to_owned(), wanted, left }
    }

    #[test]
    fn quote_adds_up_and_has_each_item_once() {
        let quote = shop().price(&order(&[("tea", 1), ("cup", 2), ("tea", 1), ("tea", 0)])).expect("all is there");
        let lines: Vec<_> = quote.lines.iter().map(|line| (line.item.as_str(), line.count, line.cents)).collect();
        assert_eq!(lines, [("cup", 2, 1450), ("tea", 2, 700)]);
        assert_eq!((quote.total_cents, quote.currency.as_str()), (2150, "EUR"));
    }

    #[test]
    fn orders_that_cannot_be_met_are_refused() {
        let check = |items, error| assert_eq!(shop().price(&order(items)), Err(error));
        check(&[], OrderError::EmptyOrder);
        check(&[("tea", 0)], OrderError::EmptyOrder);
        check(&[("tea", 1), ("gold", 1)], OrderError::UnknownItem("gold".to_owned()));
        check(&[("cup", 2), ("cup", 2)], out_of_stock("cup", 4, 3));
        check(&[("cup", u32::MAX), ("cup", u32::MAX)], out_of_stock("cup", 2 * u64::from(u32::MAX), 3));
    }

    #[test]
    fn what_is_confirmed_is_gone() {
        let shop = shop();
        let quote = shop.price(&order(&[("cup", 2)])).expect("there are three");
        let confirmation = shop.confirm(&quote, "order-1".to_owned()).expect("there are three");
        assert_eq!((confirmation.order.as_str(), confirmation.total_cents), ("order-1", 1450));
        assert_eq!(shop.confirm(&quote, "order-2".to_owned()), Err(out_of_stock("cup", 2, 1)));
        assert_eq!(shop.confirmed(), 1);
    }

    #[test]
    fn quotes_of_other_prices_or_sums_are_not_confirmed() {
        let shop = shop();
        let quote = shop.price(&order(&[("cup", 1), ("tea", 1)])).expect("all is there");
        let mut old = quote.clone();
        old.lines[1].unit_cents = 300;
        let changed = OrderError::PriceChanged { item: "tea".to_owned(), quoted: 300, now: 350 };
        assert_eq!(shop.confirm(&old, String::new()), Err(changed));

        let wrong: [fn(&mut Quote); 4] = [
            |quote| quote.total_cents = 1,
            |quote| quote.currency = "XTS".to_owned(),
            |quote| quote.lines.reverse(),
            |quote| quote.lines.push(quote.lines[0].clone()),
        ];
        for change in wrong {
            let mut wrong = quote.clone();
            change(&mut wrong);
            let error = shop.confirm(&wrong, String::new()).expect_err("the quote is not ours");
            assert!(matches!(error, OrderError::InvalidQuote(_)), "{error}");
        }
        assert_eq!(shop.confirmed(), 0);
    }
}
