// Imports an OVA with govmomi the way govc's import.ova does it, which Debian's package of the library lacks, and prints
// the VM as govmomi then finds it.
//
//	importer URL OVA NAME
package main

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/nfc"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Opens the first file of an archive whose name is accepted.
func open(archive string, accepted func(name string) bool) (*os.File, *tar.Reader, int64) {
	file, err := os.Open(archive)
	check(err)
	reader := tar.NewReader(file)
	for {
		header, err := reader.Next()
		check(err)
		if accepted(header.Name) {
			return file, reader, header.Size
		}
	}
}

func upload(ctx context.Context, lease *nfc.Lease, item nfc.FileItem, archive string) {
	file, reader, size := open(archive, func(name string) bool { return name == item.Path })
	defer file.Close()
	if item.Size != size {
		log.Fatalf("%s has %d bytes, and %d in the descriptor", item.Path, size, item.Size)
	}
	check(lease.Upload(ctx, item, reader, soap.Upload{ContentLength: size}))
}

func main() {
	server, archive, name := os.Args[1], os.Args[2], os.Args[3]
	ctx := context.Background()
	target, err := url.Parse(server)
	check(err)
	target.User = url.UserPassword("user", "pass")
	client, err := govmomi.NewClient(ctx, target, true)
	check(err)

	file, reader, _ := open(archive, func(name string) bool { return strings.HasSuffix(name, ".ovf") })
	descriptor, err := io.ReadAll(reader)
	check(err)
	check(file.Close())
	envelope, err := ovf.Unmarshal(strings.NewReader(string(descriptor)))
	check(err)

	finder := find.NewFinder(client.Client)
	datacenter, err := finder.Datacenter(ctx, "ha-datacenter")
	check(err)
	finder.SetDatacenter(datacenter)
	datastore, err := finder.Datastore(ctx, "datastore1")
	check(err)
	network, err := finder.Network(ctx, "VM Network")
	check(err)
	host, err := finder.HostSystem(ctx, "*/localhost.localdomain")
	check(err)
	pool, err := host.ResourcePool(ctx)
	check(err)
	folders, err := datacenter.Folders(ctx)
	check(err)

	parameters := types.OvfCreateImportSpecParams{EntityName: name, DiskProvisioning: string(types.OvfCreateImportSpecParamsDiskProvisioningTypeThin)}
	if envelope.Network != nil {
		for _, source := range envelope.Network.Networks {
			parameters.NetworkMapping = append(parameters.NetworkMapping, types.OvfNetworkMapping{Name: source.Name, Network: network.Reference()})
		}
	}
	spec, err := ovf.NewManager(client.Client).CreateImportSpec(ctx, string(descriptor), pool, datastore, parameters)
	check(err)
	for _, message := range spec.Error {
		log.Fatal(message.LocalizedMessage)
	}
	lease, err := pool.ImportVApp(ctx, spec.ImportSpec, folders.VmFolder, host)
	check(err)
	info, err := lease.Wait(ctx, spec.FileItem)
	check(err)
	updater := lease.StartUpdater(ctx, info)
	for _, item := range info.Items {
		upload(ctx, lease, item, archive)
	}
	updater.Done()
	check(lease.Complete(ctx))

	machine := object.NewVirtualMachine(client.Client, info.Entity)
	var found mo.VirtualMachine
	check(machine.Properties(ctx, info.Entity, []string{"name", "config.hardware"}, &found))
	fmt.Println("vm", found.Name, found.Config.Hardware.NumCPU, found.Config.Hardware.MemoryMB)
	for _, device := range found.Config.Hardware.Device {
		if disk, ok := device.(*types.VirtualDisk); ok {
			fmt.Println("disk", disk.CapacityInKB)
		}
	}
	check(client.Logout(ctx))
}
