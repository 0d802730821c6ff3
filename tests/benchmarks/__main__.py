"""``python -m tests.benchmarks``: write the page from what the last runs measured."""

from tests.benchmarks.page import write_page

if __name__ == "__main__":
    write_page()
