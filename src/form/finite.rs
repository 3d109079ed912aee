//! Numbers of a form that are none: JSON has no word for them and serde_json writes null, which would
//! leave the field out and ask for everything.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

/// The fields of a form that hold a number which is not finite, and that number.
pub(super) fn not_finite(form: &impl Serialize) -> Vec<(String, f64)> {
    let mut finder = Finder { path: Vec::new(), found: Vec::new() };
    // What cannot be walked is told when it is written.
    let _ = form.serialize(&mut finder);
    finder.found
}

struct Finder {
    path: Vec<&'static str>,
    found: Vec<(String, f64)>,
}

/// A fault of the form's own `Serialize`.
#[derive(Debug)]
struct Fault;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the form cannot be walked")
    }
}

impl std::error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl Finder {
    fn within<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.path.push(name);
        let walked = value.serialize(&mut *self);
        self.path.pop();
        walked
    }
}

macro_rules! harmless {
    ($($method:ident $sort:ty),* $(,)?) => { $(fn $method(self, _: $sort) -> Result<(), Fault> { Ok(()) })* };
}

impl<'a> Serializer for &'a mut Finder {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    harmless! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_i128 i128, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_u128 u128, serialize_char char,
        serialize_str &str, serialize_bytes &[u8], serialize_unit_struct &'static str,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Fault> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Fault> {
        if !value.is_finite() {
            self.found.push((self.path.join("."), value));
        }
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.within(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<&'a mut Finder, Fault> {
        Ok(self)
    }
}

macro_rules! items {
    ($($sort:ident $method:ident),* $(,)?) => { $(
        impl ser::$sort for &mut Finder {
            type Ok = ();
            type Error = Fault;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                value.serialize(&mut **self)
            }
            fn end(self) -> Result<(), Fault> {
                Ok(())
            }
        }
    )* };
}

items! {
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! fields {
    ($($sort:ident),*) => { $(
        impl ser::$sort for &mut Finder {
            type Ok = ();
            type Error = Fault;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
                self.within(name, value)
            }
            fn end(self) -> Result<(), Fault> {
                Ok(())
            }
        }
    )* };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Finder {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Fault> {
        Ok(())
    }
}
