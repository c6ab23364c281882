"""What a person reads, in their language and zone: gettext catalogs and a reader that speaks for one of them."""
