from livetranslate.engine.packages import install_command


def test_nothing_is_installed_where_all_is_there() -> None:
    """A model that has its packages can be served."""
    assert install_command(["json", "re"]) is None


def test_what_is_missing_is_a_command() -> None:
    """Of what is there nothing is said."""
    assert install_command(["json", "no_such_package", "nor_this"]) == "pip install no_such_package nor_this"
