# The state begins on disk, because the bucket is not there yet: the console leaves this file out of the first
# apply and then moves the state into the bucket, under the key backend.tfstate.
terraform {
  backend "s3" {}
}
