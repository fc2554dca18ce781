# Bucket, key and region come from the console, because they differ for each creator.
terraform {
  backend "s3" {}
}
