"""What several commands share: the installation, output folders, catalogues."""
