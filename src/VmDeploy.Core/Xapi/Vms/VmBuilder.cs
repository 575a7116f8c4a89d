using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

/// <summary>The steps in which a VM gets its hardware, while it is halted. What is made is remembered for the case of failure.</summary>
internal sealed class VmBuilder
{
    /// <summary>Where the CD drive stands by habit; a fully virtualised guest sees drives at 0 to 3 only.</summary>
    public const int CdPosition = 3;

    public const int CdPositions = 4;

    public const int DiskPositions = 16;

    private readonly XapiClient _client;
    private readonly HalfMadeVm _made;

    public VmBuilder(XapiSession session, HalfMadeVm made)
    {
        _client = session.Client;
        _made = made;
    }

    // No step is cancelled half-way: what an unanswered call makes can't be told apart from what it doesn't. Plans look between steps.

    /// <summary>Sets CPUs and memory in the orders that the host accepts.</summary>
    public async Task SetHardwareAsync(XapiRecord vm, int? cpus, long? memoryBytes)
    {
        if (memoryBytes is { } bytes)
        {
            var minimum = vm.Number("memory_static_min") is var least && least > 0 && least < bytes ? least : bytes;
            await CallAsync("VM.set_memory_limits", vm.Ref, minimum, bytes, bytes, bytes);
        }
        if (cpus is not { } count)
            return;
        // At no time may there be more at startup than at most.
        var isMore = count > vm.Number("VCPUs_max");
        if (isMore)
            await CallAsync("VM.set_VCPUs_max", vm.Ref, count);
        await CallAsync("VM.set_VCPUs_at_startup", vm.Ref, count);
        if (!isMore)
            await CallAsync("VM.set_VCPUs_max", vm.Ref, count);
    }

    /// <summary>Makes an empty disk.</summary>
    /// <returns>Its record: the host may have rounded its size up.</returns>
    public async Task<XapiRecord> CreateDiskAsync(string sr, long bytes, string name, IReadOnlyDictionary<string, string>? otherConfig = null)
    {
        var mark = _made.Mark;
        foreach (var entry in otherConfig ?? new Dictionary<string, string>())
            mark[entry.Key] = entry.Value;
        var vdi = _made.Disk(await _client.TextAsync("VDI.create", CancellationToken.None, new Dictionary<string, object>
        {
            ["name_label"] = name,
            ["name_description"] = "",
            ["SR"] = sr,
            ["virtual_size"] = bytes,
            ["type"] = "user",
            ["sharable"] = false,
            ["read_only"] = false,
            ["other_config"] = mark,
        }));
        return await _client.RecordAsync("VDI", vdi, CancellationToken.None);
    }

    /// <summary>Attaches a disk.</summary>
    public Task AttachDiskAsync(string vm, string vdi, int position, bool isBootable) => CreateVbdAsync(vm, vdi, position, "Disk", "RW", isBootable);

    /// <summary>Adds a CD drive with a medium, or an empty one. The host wants drives made empty and filled afterwards.</summary>
    public async Task<string> AddCdAsync(string vm, string? vdi, int position)
    {
        var vbd = await CreateVbdAsync(vm, XapiRecord.NullRef, position, "CD", "RO", isBootable: false);
        if (vdi is not null)
            await CallAsync("VBD.insert", vbd, vdi);
        return vbd;
    }

    /// <summary>Adds a network interface with an address of the host's choice.</summary>
    public Task AddInterfaceAsync(string vm, XapiRecord network, int position) => CallAsync("VIF.create", new Dictionary<string, object>
    {
        ["VM"] = vm,
        ["network"] = network.Ref,
        ["device"] = Text(position),
        ["MAC"] = "",
        ["MTU"] = network.Number("MTU") is > 0 and var mtu ? mtu : 1500L,
        ["other_config"] = new Dictionary<string, string>(),
        ["qos_algorithm_type"] = "",
        ["qos_algorithm_params"] = new Dictionary<string, string>(),
    });

    /// <summary>Moves an interface to another network, as a new one in its place.</summary>
    public async Task ReplaceInterfaceAsync(string vm, XapiRecord vif, XapiRecord network)
    {
        await CallAsync("VIF.destroy", vif.Ref);
        await AddInterfaceAsync(vm, network, int.Parse(vif.Text("device"), CultureInfo.InvariantCulture));
    }

    public Task CallAsync(string method, params object[] arguments) => _client.CallAsync(method, CancellationToken.None, arguments);

    private Task<string> CreateVbdAsync(string vm, string vdi, int position, string type, string mode, bool isBootable) =>
        _client.TextAsync("VBD.create", CancellationToken.None, new Dictionary<string, object>
        {
            ["VM"] = vm,
            ["VDI"] = vdi,
            ["userdevice"] = Text(position),
            ["bootable"] = isBootable,
            ["mode"] = mode,
            ["type"] = type,
            ["unpluggable"] = type == "Disk",
            ["empty"] = vdi == XapiRecord.NullRef,
            ["other_config"] = new Dictionary<string, string>(),
            ["qos_algorithm_type"] = "",
            ["qos_algorithm_params"] = new Dictionary<string, string>(),
        });

    private static string Text(int position) => position.ToString(CultureInfo.InvariantCulture);

    /// <summary>Positions for disks, in order: those that the CD drives leave.</summary>
    public static IEnumerable<int> FreePositions(IReadOnlyCollection<int> taken) => Enumerable.Range(0, DiskPositions).Where(p => !taken.Contains(p));
}
