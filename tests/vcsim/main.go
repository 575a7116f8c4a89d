// vcsim for the tests: a vSphere simulator that nobody of this project wrote. It prints its URL on the first line
// and ends when standard input is closed, so that it never outlives the test run that started it.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// vcsim knows the SAS controller by a name of its own only, and ESXi by the one that VMware's descriptors have.
type ovfManager struct {
	*simulator.OvfManager
}

func (m *ovfManager) CreateImportSpec(ctx *simulator.Context, req *types.CreateImportSpec) soap.HasFault {
	req.OvfDescriptor = strings.ReplaceAll(req.OvfDescriptor, ">lsilogicsas<", ">lsilogic-sas<")
	return m.OvfManager.CreateImportSpec(ctx, req)
}

func addPod(ctx context.Context, client *govmomi.Client, hosts []*object.HostSystem) {
	finder := find.NewFinder(client.Client)
	datacenter, err := finder.Datacenter(ctx, "/ha-datacenter")
	check(err)
	folders, err := datacenter.Folders(ctx)
	check(err)
	cluster, err := folders.DatastoreFolder.CreateStoragePod(ctx, "pod1")
	check(err)
	var members []types.ManagedObjectReference
	for _, name := range []string{"pod1-1", "pod1-2"} {
		directory, err := os.MkdirTemp("", "vcsim-"+name+"-")
		check(err)
		var member *object.Datastore
		for _, host := range hosts {
			system, err := host.ConfigManager().DatastoreSystem(ctx)
			check(err)
			member, err = system.CreateLocalDatastore(ctx, name, directory)
			check(err)
		}
		members = append(members, member.Reference())
	}
	task, err := cluster.MoveInto(ctx, members)
	check(err)
	check(task.Wait(ctx))
}

func main() {
	vcenter := flag.Bool("vcenter", false, "be a vCenter with a host and a cluster, not a standalone ESX host")
	secure := flag.Bool("tls", false, "serve https with a self-signed certificate")
	machines := flag.Int("vms", 2, "number of VMs, all powered on")
	datacenters := flag.Int("datacenters", 1, "datacenters of a vCenter: ha-datacenter, DC1, ..., each with a host and a cluster")
	pod := flag.Bool("pod", false, "a vCenter with a datastore cluster, pod1, of the datastores pod1-1 and pod1-2")
	trace := flag.String("trace", "", "write every SOAP request and reply to this file")
	listen := flag.String("listen", "127.0.0.1:0", "address and port")
	flag.Parse()

	model := simulator.ESX()
	model.Machine = *machines
	if *vcenter {
		model = simulator.VPX()
		model.Datacenter = *datacenters
		model.Machine = (*machines + 1) / 2 // of the host's pool, and as many of the cluster's
	}
	check(model.Create())
	defer model.Remove()

	// The names that the configuration files in examples/configs use.
	if *vcenter {
		for _, entity := range simulator.Map.All("Datacenter") {
			if datacenter := entity.(*simulator.Datacenter); datacenter.Name == "DC0" {
				datacenter.Name = "ha-datacenter"
			}
		}
		for _, entity := range simulator.Map.All("HostSystem") {
			if host := entity.(*simulator.HostSystem); host.Name == "DC0_H0" {
				host.Name = "localhost.localdomain"
			}
		}
	}
	// It neither tags the uplink port group of a switch nor lists it at the switch, as a vCenter does.
	for _, entity := range simulator.Map.All("DistributedVirtualPortgroup") {
		group := entity.(*simulator.DistributedVirtualPortgroup)
		if strings.Contains(group.Name, "DVUplinks") {
			config := simulator.Map.Get(*group.Config.DistributedVirtualSwitch).(*simulator.DistributedVirtualSwitch).Config.GetDVSConfigInfo()
			config.UplinkPortgroup = append(config.UplinkPortgroup, group.Self)
		}
	}
	model.Service.Listen = &url.URL{Host: *listen}
	if *secure {
		model.Service.TLS = new(tls.Config)
	}
	server := model.Service.NewServer()
	defer server.Close()
	directory, err := os.MkdirTemp("", "vcsim-datastore1-")
	check(err)
	defer os.RemoveAll(directory)
	ctx := context.Background()
	client, err := govmomi.NewClient(ctx, server.URL, true)
	check(err)
	simulator.Map.Put(&ovfManager{simulator.Map.Get(*client.ServiceContent.OvfManager).(*simulator.OvfManager)})
	hosts, err := find.NewFinder(client.Client).HostSystemList(ctx, "/ha-datacenter/host/*/*")
	check(err)
	for _, host := range hosts {
		datastores, err := host.ConfigManager().DatastoreSystem(ctx)
		check(err)
		_, err = datastores.CreateLocalDatastore(ctx, "datastore1", directory)
		check(err)
	}
	if *pod {
		addPod(ctx, client, hosts)
	}
	check(client.Logout(ctx))

	if *trace != "" {
		simulator.TraceFile, err = os.Create(*trace)
		check(err)
		simulator.Trace = true
	}
	server.URL.User = nil
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}
