using System.Globalization;
using VmDeploy.Simulator.Esxi;

namespace VmDeploy.Tests.Simulator;

/// <summary>Pieces of requests about VMs of a standalone host, written by hand.</summary>
internal static class VmXml
{
    public const string Scsi = "<deviceChange><operation>add</operation><device xsi:type=\"ParaVirtualSCSIController\"><key>-1</key><busNumber>0</busNumber><sharedBus>noSharing</sharedBus></device></deviceChange>";

    public const string Nic = "<deviceChange><operation>add</operation><device xsi:type=\"VirtualVmxnet3\"><key>-9</key><backing xsi:type=\"VirtualEthernetCardNetworkBackingInfo\"><deviceName>VM Network</deviceName></backing></device></deviceChange>";

    /// <summary>A new disk on the SCSI controller.</summary>
    public static string NewDisk(int unit = 0, string fileName = "", string parent = "") =>
        "<deviceChange><operation>add</operation><fileOperation>create</fileOperation>" + Disk(unit, fileName, parent);

    /// <summary>A disk whose file exists.</summary>
    public static string OldDisk(int unit, string fileName) => "<deviceChange><operation>add</operation>" + Disk(unit, fileName, "");

    /// <summary>A CD-ROM drive.</summary>
    public static string Cdrom(int controller, int unit, string? iso = null) =>
        "<deviceChange><operation>add</operation>" + CdromDevice(-20 - unit, controller, unit, iso, connected: true);

    /// <summary>A change of an existing CD-ROM drive.</summary>
    public static string EditCdrom(int key, int controller, int unit, string? iso, bool connected) =>
        "<deviceChange><operation>edit</operation>" + CdromDevice(key, controller, unit, iso, connected);

    public static string Remove(string type, int key, string more = "") =>
        $"<deviceChange><operation>remove</operation><device xsi:type=\"{type}\"><key>{N(key)}</key>{more}</device></deviceChange>";

    public static string Create(string name, string devices, string settings = "") =>
        $"<CreateVM_Task><_this type=\"Folder\">ha-folder-vm</_this><config><name>{name}</name><guestId>otherLinux64Guest</guestId>"
        + $"<files><vmPathName>[datastore1]</vmPathName></files>{settings}<numCPUs>1</numCPUs><memoryMB>64</memoryMB>{devices}</config>"
        + "<pool type=\"ResourcePool\">ha-root-pool</pool></CreateVM_Task>";

    public static string Reconfigure(string vm, string spec) => $"<ReconfigVM_Task>{This(vm)}<spec>{spec}</spec></ReconfigVM_Task>";

    public static string Call(string method, string vm) => $"<{method}>{This(vm)}</{method}>";

    public static string This(string vm) => $"<_this type=\"VirtualMachine\">{vm}</_this>";

    /// <summary>Creates a VM and returns the host's state of it.</summary>
    public static async Task<SimulatedVm> CreateAsync(this RawSoap soap, EsxiSimulator host, string name, string devices)
    {
        var id = await soap.SucceedAsync(Create(name, devices));
        return host.Vms.Single(vm => vm.Id == id);
    }

    /// <summary>Runs a task in its own session, so that the filters of this one are not affected.</summary>
    public static async Task SucceedInOtherSessionAsync(this RawSoap soap, EsxiSimulator host, string method)
    {
        using var other = await RawSoap.LoginAsync(host);
        await other.SucceedAsync(method);
        await other.CallAsync($"<Logout>{soap.SessionManager}</Logout>");
    }

    private static string Disk(int unit, string fileName, string parent) =>
        $"<device xsi:type=\"VirtualDisk\"><key>{N(-10 - unit)}</key><backing xsi:type=\"VirtualDiskFlatVer2BackingInfo\"><fileName>{fileName}</fileName>"
        + "<diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned>"
        + (parent.Length == 0 ? "" : $"<parent><fileName>{parent}</fileName><diskMode>persistent</diskMode></parent>")
        + $"</backing><controllerKey>-1</controllerKey><unitNumber>{N(unit)}</unitNumber><capacityInKB>4096</capacityInKB></device></deviceChange>";

    private static string CdromDevice(int key, int controller, int unit, string? iso, bool connected)
    {
        var backing = iso is null
            ? "<backing xsi:type=\"VirtualCdromRemotePassthroughBackingInfo\"><deviceName/><exclusive>false</exclusive></backing>"
            : $"<backing xsi:type=\"VirtualCdromIsoBackingInfo\"><fileName>{iso}</fileName></backing>";
        var truth = connected ? "true" : "false";
        return $"<device xsi:type=\"VirtualCdrom\"><key>{N(key)}</key>{backing}<connectable><startConnected>{truth}</startConnected>"
            + $"<allowGuestControl>true</allowGuestControl><connected>{truth}</connected></connectable>"
            + $"<controllerKey>{N(controller)}</controllerKey><unitNumber>{N(unit)}</unitNumber></device></deviceChange>";
    }

    private static string N(int number) => number.ToString(CultureInfo.InvariantCulture);
}
