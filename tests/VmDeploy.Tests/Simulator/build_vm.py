#!/usr/bin/python3
"""Creates a VM from scratch with an ISO, clones it and changes its CD-ROM, the way pyVmomi's community scripts do it.

    build_vm.py PORT USER PASSWORD MODE

MODE is esxi or vcenter. The datastore must hold [datastore1] iso/tiny.iso.
"""
import ssl
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl

ISO = "[datastore1] iso/tiny.iso"


def added(device, file=None):
    return vim.vm.device.VirtualDeviceSpec(operation="add", fileOperation=file, device=device)


def scsi(key):
    return vim.vm.device.ParaVirtualSCSIController(key=key, busNumber=0, sharedBus="noSharing")


def disk(controller, unit, file_name="", capacity=4096):
    return vim.vm.device.VirtualDisk(key=-10 - unit, controllerKey=controller, unitNumber=unit, capacityInKB=capacity,
        backing=vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName=file_name, diskMode="persistent", thinProvisioned=True))


def cdrom(controller, unit, backing):
    return vim.vm.device.VirtualCdrom(key=-20, controllerKey=controller, unitNumber=unit, backing=backing,
        connectable=vim.vm.device.VirtualDevice.ConnectInfo(startConnected=True, allowGuestControl=True, connected=True))


def nic():
    return vim.vm.device.VirtualVmxnet3(key=-30, addressType="generated",
        backing=vim.vm.device.VirtualEthernetCard.NetworkBackingInfo(deviceName="VM Network"))


def create(datacenter, pool, name):
    spec = vim.vm.ConfigSpec(name=name, guestId="otherLinux64Guest", numCPUs=2, memoryMB=512,
        files=vim.vm.FileInfo(vmPathName="[datastore1]"),
        deviceChange=[added(scsi(-1)), added(disk(-1, 0), "create"), added(nic()),
                      added(cdrom(200, 0, vim.vm.device.VirtualCdrom.IsoBackingInfo(fileName=ISO)))])
    WaitForTask(datacenter.vmFolder.CreateVM_Task(spec, pool))
    return last_result(datacenter, name)


def last_result(datacenter, name):
    return next(vm for vm in datacenter.vmFolder.childEntity if vm.name == name)


def clone_on_host(content, datacenter, pool, source, name):
    """A standalone host can't clone: its disks are copied and a VM is made around them."""
    try:
        source.CloneVM_Task(datacenter.vmFolder, name, vim.vm.CloneSpec(location=vim.vm.RelocateSpec(), template=False, powerOn=False))
        raise AssertionError("CloneVM_Task must not work here")
    except vmodl.fault.NotSupported:
        pass
    content.fileManager.MakeDirectory(f"[datastore1] {name}", datacenter, True)
    old = next(d for d in source.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk))
    new = f"[datastore1] {name}/{name}.vmdk"
    WaitForTask(content.virtualDiskManager.CopyVirtualDisk_Task(old.backing.fileName, datacenter, new, datacenter,
        vim.VirtualDiskManager.FileBackedVirtualDiskSpec(diskType="thin", adapterType="lsiLogic", capacityKb=old.capacityInKB)))
    spec = vim.vm.ConfigSpec(name=name, guestId=source.config.guestId, numCPUs=2, memoryMB=512,
        files=vim.vm.FileInfo(vmPathName=f"[datastore1] {name}/{name}.vmx"),
        deviceChange=[added(scsi(-1)), added(disk(-1, 0, new, old.capacityInKB)), added(nic())])
    WaitForTask(datacenter.vmFolder.CreateVM_Task(spec, pool))
    return last_result(datacenter, name)


def clone(datacenter, pool, source, name):
    task = source.CloneVM_Task(datacenter.vmFolder, name,
        vim.vm.CloneSpec(location=vim.vm.RelocateSpec(pool=pool), template=False, powerOn=False))
    WaitForTask(task)
    return task.info.result


def eject(machine):
    drive = next(d for d in machine.config.hardware.device if isinstance(d, vim.vm.device.VirtualCdrom))
    drive.backing = vim.vm.device.VirtualCdrom.RemotePassthroughBackingInfo(deviceName="", exclusive=False)
    drive.connectable.connected = False
    drive.connectable.startConnected = False
    change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=drive)
    WaitForTask(machine.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))


def main(port, user, password, mode):
    service = SmartConnect(host="127.0.0.1", port=int(port), user=user, pwd=password, sslContext=ssl._create_unverified_context())
    content = service.RetrieveContent()
    datacenter = next(d for d in content.rootFolder.childEntity if d.name == "ha-datacenter")
    pool = datacenter.hostFolder.childEntity[0].resourcePool

    source = create(datacenter, pool, "scratch1")
    copy = clone(datacenter, pool, source, "copy1") if mode == "vcenter" else clone_on_host(content, datacenter, pool, source, "copy1")
    assert copy.config.uuid != source.config.uuid
    WaitForTask(source.PowerOn())
    eject(source)
    for machine in (source, copy):
        drives = [d.deviceInfo.summary for d in machine.config.hardware.device if isinstance(d, vim.vm.device.VirtualCdrom)]
        print("vm", machine.name, machine.runtime.powerState, drives)
    WaitForTask(source.PowerOff())
    WaitForTask(source.Destroy_Task())
    WaitForTask(copy.Destroy_Task())
    print("left", [vm.name for vm in datacenter.vmFolder.childEntity])
    Disconnect(service)


if __name__ == "__main__":
    main(*sys.argv[1:])
