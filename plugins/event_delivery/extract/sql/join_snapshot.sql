set transaction snapshot {name}
