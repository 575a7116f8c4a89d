using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.PowerShell;

/// <summary>
/// Reads a deployment's file. Every key and every value is checked; all problems are reported at once, each with its line and its path.
/// For the pipeline thread, since values become parameters of cmdlets.
/// </summary>
internal sealed class DeploymentFileReader
{
    private const string IsoKey = "iso_path";
    private const int MostMachines = 10_000;
    private const int MostProblems = 50;

    private static readonly string[] s_fileKeys = ["name", "variables", "defaults", "hosts", "machines"];
    private static readonly string[] s_hostKeys = ["server", "kind", "port", "thumbprint", "via_ssh", "skip_certificate_check", "secret"];
    private static readonly string[] s_entryKeys = ["count", "name_pattern", "overrides"];
    private static readonly string[] s_machineKeys = ["host", "count", "name_pattern", "state", "depends_on", "wait_for", "timeout_sec", "overrides"];
    // Keys of the cmdlets' JSON whose meaning others have here.
    private static readonly Dictionary<string, string> s_instead = new(StringComparer.OrdinalIgnoreCase)
    {
        ["power_on"] = "state",
        ["wait_for_ip"] = "wait_for",
        ["num_instances"] = "count",
        ["num_clones"] = "count",
        ["vm_name_prefix"] = "name_pattern",
        ["name"] = "the name of the entry, or name_pattern",
    };

    // Of name_pattern and of cloud-init's documents.
    private static readonly string[] s_placeholders = ["name", "n", "source", "hostname"];
    private static readonly Regex s_variable = new(@"\{([A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant);

    private static readonly WholeNumberAttribute s_port = new(1, 65535);
    private static readonly WholeNumberAttribute s_count = new(1, 1000);
    private static readonly WholeNumberAttribute s_timeout = new(1, 86400) { Unit = "seconds" };
    private static readonly EnumNameAttribute s_state = new(typeof(MachineState));
    private static readonly EnumNameAttribute s_condition = new(typeof(VmCondition));
    private static readonly FlagAttribute s_flag = new();

    private readonly PSCmdlet _cmdlet;
    private readonly EngineIntrinsics _engine;
    private readonly string _folder;
    private readonly string _path;
    private readonly Action<string> _warn;
    private readonly List<string> _problems = [];
    private readonly List<(FileNode Node, string Path, string Name)> _dependencies = [];
    private readonly HashSet<FileNode> _defaults = [];

    private DeploymentFileReader(PSCmdlet cmdlet, string path, string folder, Action<string> warn)
    {
        _cmdlet = cmdlet;
        _engine = (EngineIntrinsics)cmdlet.GetVariableValue("ExecutionContext");
        _path = path;
        _folder = folder;
        _warn = warn;
    }

    /// <summary>Reads a file: JSON, or PowerShell data where its name ends in <c>.psd1</c>. Paths in it are relative to its folder.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentFileInvalid</c>, with all problems; <c>LocalFileNotFound</c> or <c>LocalFileUnreadable</c>.</exception>
    public static DeploymentFile Read(PSCmdlet cmdlet, string path, Action<string> warn)
    {
        FileNode root;
        try
        {
            if (Path.GetExtension(path).Equals(".psd1", StringComparison.OrdinalIgnoreCase))
            {
                if (!File.Exists(path))
                    throw new FileNotFoundException();
                root = FileNode.ReadData(path);
            }
            else
            {
                using var text = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
                root = FileNode.ReadJson(text, path);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileNotFound, $"File '{path}' not found.", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileUnreadable, $"'{path}' can't be read: {e.Message}", path, e);
        }
        return new DeploymentFileReader(cmdlet, path, Path.GetDirectoryName(path)!, warn).Read(root);
    }

    /// <summary>Reads a hashtable or an object with the same keys. Paths in it are relative to the current location.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentFileInvalid</c>, with all problems.</exception>
    public static DeploymentFile Read(PSCmdlet cmdlet, object deployment, Action<string> warn) => PlainValue.Of(deployment) is string or FileInfo
        ? throw new VmDeployException(ErrorCodes.DeploymentFileInvalid, "-Deployment takes a hashtable or an object, for example of ConvertFrom-Json; a file is given as -Path.")
        : new DeploymentFileReader(cmdlet, "the deployment", cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath, warn).Read(FileNode.From(deployment));

    private DeploymentFile Read(FileNode root)
    {
        var file = Members(root, "", s_fileKeys);
        var name = Text(file, "name", "name") ?? "";
        if (name.Length == 0)
            Report(root, "", "A deployment needs a name under 'name'.");
        var variables = file.TryGetValue("variables", out var given) ? Members(given, "variables").ToDictionary(one => one.Key, one => Plain(one.Value, $"variables.{one.Key}"), StringComparer.OrdinalIgnoreCase) : [];
        foreach (var reserved in variables.Keys.Where(one => s_placeholders.Contains(one, StringComparer.OrdinalIgnoreCase)))
            Report(given!, $"variables.{reserved}", $"'{{{reserved}}}' stands for something of each machine; another name is needed.");
        string Replace(string text, FileNode node) => s_variable.Replace(text, match =>
        {
            var variable = match.Groups[1].Value;
            if (variables.TryGetValue(variable, out var value))
                return value;
            // Other texts in braces, such as those of cloud-init, are left as they are.
            if (!s_placeholders.Contains(variable, StringComparer.OrdinalIgnoreCase) && Suggest(variable, variables.Keys) is { Length: > 0 } suggestion)
                Report(node, "variables", $"'{match.Value}' is not under 'variables'.{suggestion}");
            return match.Value;
        });
        var hosts = file.TryGetValue("hosts", out var hostNodes) ? Members(hostNodes.Map(Replace), "hosts").Select(one => ReadHost(one.Key, one.Value)).ToList() : [];
        if (hosts.Count == 0)
            Report(root, "", "A deployment needs at least one host under 'hosts'.");
        if (!file.ContainsKey("machines"))
            Report(root, "", "A deployment needs machines under 'machines'; an empty object stands for none.");
        var defaults = file.TryGetValue("defaults", out var shared) ? Members(shared.Map(Replace), "defaults") : [];
        _defaults.UnionWith(defaults.Values);
        foreach (var key in defaults.Where(one => !s_machineKeys.Contains(one.Key, StringComparer.OrdinalIgnoreCase) && !MachineKeys.Makers.Any(maker => MachineKeys.Find(maker, one.Key) is not null)))
            Report(key.Value, $"defaults.{key.Key}", $"'{key.Key}' is not known.{Suggest(key.Key, MachineKeys.Makers.SelectMany(MachineKeys.Of).Select(MachineKeys.KeyOf).Concat(s_machineKeys))}");
        var machines = file.TryGetValue("machines", out var machineNodes)
            ? Members(machineNodes.Map(Replace), "machines").SelectMany(one => ReadMachines(one.Key, one.Value, defaults, hosts)).ToList() : [];
        foreach (var twice in machines.GroupBy(one => (one.Host, Name: one.Name.ToUpperInvariant())).Where(same => same.Count() > 1))
            Report(machineNodes!, "machines", $"The name '{twice.First().Name}' is given {twice.Count()} times on host '{twice.Key.Host}'.");
        foreach (var twice in machines.SelectMany(one => one.Source.Request.Hardware.MacAddresses.Select(address => (address, one))).GroupBy(one => MacAddress.Parse(one.address)).Where(same => same.Count() > 1))
            Report(machineNodes!, "machines", $"The MAC address '{twice.Key}' is given to {Names.List(twice.Select(one => one.one.Name))}.");
        CheckDependencies(machines);
        if (machines.Count > MostMachines)
            Report(machineNodes!, "machines", $"{machines.Count} machines; at most {MostMachines} are possible.");
        return _problems.Count == 0 ? new DeploymentFile(name, hosts, machines) : throw new VmDeployException(ErrorCodes.DeploymentFileInvalid,
            $"'{_path}' has {(_problems.Count == 1 ? "a problem" : $"{_problems.Count} problems")}: {string.Join(" ", _problems.Take(MostProblems))}{(_problems.Count > MostProblems ? $" And {_problems.Count - MostProblems} more." : "")}", _path);
    }

    private void CheckDependencies(IReadOnlyList<DeploymentMachine> machines)
    {
        var states = machines.SelectMany(one => new[] { (Name: one.Entry, one.State), (one.Name, one.State) }).ToLookup(one => one.Name, one => one.State, StringComparer.OrdinalIgnoreCase);
        foreach (var (node, path, name) in _dependencies)
        {
            if (!states.Contains(name))
                Report(node, path, $"'{name}' is not under 'machines'.{Suggest(name, states.Select(one => one.Key))}");
            else if (states[name].All(state => state == MachineState.Absent))
                Report(node, path, $"'{name}' should be absent.");
        }
    }

    private DeploymentHost ReadHost(string name, FileNode node)
    {
        var path = $"hosts.{name}";
        var keys = Members(node, path, s_hostKeys);
        var kind = Text(keys, "kind", path)?.ToLowerInvariant();
        if (kind is null)
            Report(node, $"{path}.kind", "The host needs a kind: esxi, vcenter, xenserver or xcp-ng.");
        else if (kind is not ("esxi" or "vcenter" or "xenserver" or "xcp-ng"))
            Report(keys["kind"], $"{path}.kind", $"'{kind}' is not one of esxi, vcenter, xenserver and xcp-ng.");
        return new DeploymentHost(name, Text(keys, "server", path) ?? name, kind is "xenserver" or "xcp-ng")
        {
            Port = (int?)(long?)Convert(keys, "port", path, s_port),
            Thumbprint = Text(keys, "thumbprint", path),
            ViaSsh = Text(keys, "via_ssh", path),
            SkipCertificateCheck = Convert(keys, "skip_certificate_check", path, s_flag) is true,
            Secret = Text(keys, "secret", path),
        };
    }

    private IEnumerable<DeploymentMachine> ReadMachines(string entry, FileNode node, IReadOnlyDictionary<string, FileNode> defaults, IReadOnlyList<DeploymentHost> hosts)
    {
        var path = $"machines.{entry}";
        var own = Members(node, path);
        var keys = Merge(defaults, own);
        var count = (int)((long?)Convert(keys, "count", path, s_count) ?? 0);
        var names = ReadNames(entry, keys, path, node, count);
        var whole = ReadOne(entry, node, path, keys, hosts);
        if (whole is null)
            yield break;
        var overrides = keys.TryGetValue("overrides", out var given) ? Members(given, $"{path}.overrides") : [];
        foreach (var unknown in overrides.Where(one => !names.Contains(one.Key, StringComparer.OrdinalIgnoreCase)))
            Report(unknown.Value, $"{path}.overrides.{unknown.Key}", $"'{unknown.Key}' is not one of the machines: {Names.List(names)}.");
        for (var i = 0; i < names.Count; i++)
        {
            var (machine, shares) = (whole, names.Count);
            if (overrides.TryGetValue(names[i], out var other))
            {
                var changed = $"{path}.overrides.{names[i]}";
                var members = Members(other, changed);
                foreach (var key in s_entryKeys.Where(members.ContainsKey))
                    Report(members[key], $"{changed}.{key}", $"'{key}' is for the whole entry.");
                machine = ReadOne(entry, other, changed, Merge(keys, members), hosts) ?? whole;
                shares = members.Keys.Any(key => MeansSame(key, "mac_address")) ? 1 : names.Count;
            }
            if (machine.Source.Request.Hardware.MacAddresses.Count % shares != 0)
                Report(node, $"{path}.mac_address", $"{machine.Source.Request.Hardware.MacAddresses.Count} MAC addresses can't be divided among {shares} machines.");
            yield return machine with { Name = names[i], Number = i + 1, Source = WithOwnAddresses(machine.Source, shares == 1 ? 0 : i, shares) };
        }
    }

    private IReadOnlyList<string> ReadNames(string entry, IReadOnlyDictionary<string, FileNode> keys, string path, FileNode node, int count)
    {
        var pattern = Text(keys, "name_pattern", path) ?? (count == 0 ? "{source}" : "{source}{n}");
        try
        {
            var names = VmNames.FromPattern(pattern, entry, Math.Max(1, count));
            if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < names.Count)
                Report(node, $"{path}.name_pattern", $"'{pattern}' gives {count} machines one name; it needs {{n}}.");
            return names;
        }
        catch (VmDeployException e)
        {
            Report(node, $"{path}.name_pattern", e.Message);
            return [entry];
        }
    }

    private DeploymentMachine? ReadOne(string entry, FileNode node, string path, IReadOnlyDictionary<string, FileNode> keys, IReadOnlyList<DeploymentHost> hosts)
    {
        var makers = MachineKeys.Makers.Where(maker => MachineKeys.NamesOf(MachineKeys.SourceOf(maker)).Any(keys.ContainsKey)).ToList();
        // An ISO is also a medium for machines that are made from something else.
        if (makers.Count > 1)
            makers.Remove(typeof(NewVmFromIsoCommand));
        var sources = string.Join(", ", MachineKeys.Makers.Select(maker => MachineKeys.KeyOf(MachineKeys.SourceOf(maker))));
        if (makers.Count != 1)
        {
            Report(node, path, makers.Count == 0 ? $"The machine needs one of {sources}." : $"The machine has several of {sources}.");
            return null;
        }
        var host = Text(keys, "host", path) ?? (hosts.Count == 1 ? hosts[0].Name : null);
        if (host is null)
            Report(node, path, $"The machine needs a host: {Names.List(hosts.Select(one => one.Name))}.");
        else if (hosts.FirstOrDefault(one => string.Equals(one.Name, host, StringComparison.OrdinalIgnoreCase)) is { } known)
            host = known.Name;
        else
            Report(keys.TryGetValue("host", out var there) ? there : node, $"{path}.host", $"'{host}' is not under 'hosts'.{Suggest(host, hosts.Select(one => one.Name))}");
        var before = _problems.Count;
        var source = ReadSource(makers[0], path, keys);
        var iso = makers[0] != typeof(NewVmFromIsoCommand) && keys.ContainsKey(IsoKey) ? Text(keys, IsoKey, path) ?? "" : null;
        var machine = new DeploymentMachine(entry, entry, 1, host ?? "", source!)
        {
            State = Convert(keys, "state", path, s_state) is MachineState state ? state : MachineState.Running,
            DependsOn = Texts(keys, "depends_on", path),
            WaitFor = Convert(keys, "wait_for", path, s_condition) as VmCondition?,
            Timeout = TimeSpan.FromSeconds((long?)Convert(keys, "timeout_sec", path, s_timeout) ?? 300),
            Iso = string.IsNullOrEmpty(iso) ? iso : LocalOrHost(iso!),
        };
        if (machine.WaitFor is { } condition && (condition == VmCondition.Off ? machine.State == MachineState.Running : machine.State is MachineState.Stopped or MachineState.Present))
            Report(keys["wait_for"], $"{path}.wait_for", $"'{condition}' does not come true for a machine whose state is {machine.State.ToString().ToLowerInvariant()}.");
        if (source is null || _problems.Count > before)
            return null;
        // Checked when all machines are known; a machine that should be absent waits for none.
        if (machine.State != MachineState.Absent)
            _dependencies.AddRange(machine.DependsOn.Select(name => (keys["depends_on"], $"{path}.depends_on", name)));
        return machine;
    }

    private MachineSource? ReadSource(Type maker, string path, IReadOnlyDictionary<string, FileNode> keys)
    {
        var cmdlet = Activator.CreateInstance(maker)!;
        var before = _problems.Count;
        var set = new Dictionary<PropertyInfo, string>();
        foreach (var (key, node) in keys.Select(one => (one.Key, one.Value)).Where(one => one.Key.Length > 0 && one.Key[0] is not ('_' or '$') && !s_machineKeys.Contains(one.Key, StringComparer.OrdinalIgnoreCase)))
        {
            var parameter = MachineKeys.Find(maker, key);
            if (parameter is null)
            {
                // Defaults are for machines of every source.
                if (_defaults.Contains(node) && MachineKeys.Makers.Any(one => MachineKeys.Find(one, key) is not null))
                    continue;
                if (s_instead.TryGetValue(key, out var instead))
                    Report(node, $"{path}.{key}", $"'{key}' is not a key of deployments; use {instead}.");
                else if (!key.Equals(IsoKey, StringComparison.OrdinalIgnoreCase))
                    Report(node, $"{path}.{key}", $"'{key}' is not known.{Suggest(key, MachineKeys.Of(maker).Select(MachineKeys.KeyOf).Concat(s_machineKeys).Append(IsoKey))}");
                continue;
            }
            if (set.TryGetValue(parameter, out var other))
            {
                Report(node, $"{path}.{key}", $"'{other}' and '{key}' mean the same.");
                continue;
            }
            set[parameter] = key;
            try
            {
                MachineKeys.Set(cmdlet, parameter, ValueOf(parameter, node), _engine);
            }
            catch (Exception e) when (e is MetadataException or PSInvalidCastException or VmDeployException)
            {
                Report(node, $"{path}.{key}", e.Message);
            }
        }
        if (_problems.Count > before)
            return null;
        try
        {
            var source = Create(cmdlet);
            foreach (var address in source.Request.Hardware.MacAddresses)
                _ = MacAddress.Parse(address);
            if (source.Request.Hardware.ExtraConfig.Keys.FirstOrDefault(key => VmOwnership.Keys.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } record)
                throw new VmDeployException(ErrorCodes.ValueRefused, $"'{record}' is the deployment's own record of the machine.", record);
            return source;
        }
        catch (VmDeployException e)
        {
            Report(keys.Values.First(), path, e.Message);
            return null;
        }
    }

    private MachineSource Create(object cmdlet)
    {
        switch (cmdlet)
        {
            case ImportVmOvaCommand import:
                var package = LocalOrHost(import.Path);
                return new PackageSource(PackagePaths.Locate(package, null, import.FileHash, import.UriThumbprint, new Progress<OperationProgress>(), _warn), import.CreateRequest(package, []));
            case NewVmFromIsoCommand iso:
                return new IsoSource(iso.CreateRequest(LocalOrHost(iso.IsoPath), []));
            case NewVmFromTemplateCommand template:
                return new HostTemplateSource(template.CreateRequest([], null));
            case NewVmCloneCommand { Vm.Length: not 1 } clone:
                throw new VmDeployException(ErrorCodes.ValueRefused, $"'source' takes the name of one VM, not {clone.Vm.Length}.");
            case NewVmCloneCommand clone:
                // The source is found when the copy is planned.
                return new VmCopySource(clone.Vm[0].ToString(), clone.CreateRequest(null!, []));
            default:
                throw new InvalidOperationException();
        }
    }

    // Each machine has addresses of its own, so that they are not made together.
    private static MachineSource WithOwnAddresses(MachineSource source, int index, int count)
    {
        var all = source.Request.Hardware.MacAddresses;
        if (all.Count == 0 || count == 1)
            return source;
        var each = all.Count / count;
        HardwareRequest Own(HardwareRequest hardware) => hardware with { MacAddresses = all.Skip(index * each).Take(each).ToList() };
        return source switch
        {
            PackageSource one => one with { Import = one.Import with { Hardware = Own(one.Import.Hardware) } },
            IsoSource one => one with { FromIso = one.FromIso with { Hardware = Own(one.FromIso.Hardware) } },
            HostTemplateSource one => one with { FromTemplate = one.FromTemplate with { Hardware = Own(one.FromTemplate.Hardware) } },
            VmCopySource one => one with { Copy = one.Copy with { Hardware = Own(one.Copy.Hardware) } },
            _ => source,
        };
    }

    // Documents of cloud-init may be files beside the file.
    private object? ValueOf(PropertyInfo parameter, FileNode node) => node.Value is string text && parameter.IsDefined(typeof(CloudInitTransformationAttribute))
        && text.Length is > 0 and < 4096 && text.IndexOfAny(Path.GetInvalidPathChars()) < 0 && text.IndexOf('\n') < 0 && File.Exists(Path.Combine(_folder, text))
            ? new FileInfo(Path.Combine(_folder, text)) : parameter.IsDefined(typeof(CloudInitTransformationAttribute)) ? node.Sorted().ToPowerShell() : node.ToPowerShell();

    private string LocalOrHost(string path)
    {
        if (Ova.PackageLocation.IsAddress(path) || path.StartsWith("[", StringComparison.Ordinal) || path.IndexOfAny(Path.GetInvalidPathChars()) >= 0)
            return path;
        var local = Path.GetFullPath(Path.Combine(_folder, path));
        return File.Exists(local) || path.IndexOfAny(['/', '\\']) >= 0 || Path.GetExtension(path).ToLowerInvariant() is ".ova" or ".ovf" ? local : path;
    }

    // A key of the machine takes precedence over one of the defaults that means the same.
    private static Dictionary<string, FileNode> Merge(IReadOnlyDictionary<string, FileNode> defaults, IReadOnlyDictionary<string, FileNode> own)
    {
        // An ISO is a medium where there is another source, and takes the place of none.
        var sources = MachineKeys.Makers.Where(maker => maker != typeof(NewVmFromIsoCommand)).SelectMany(maker => MachineKeys.NamesOf(MachineKeys.SourceOf(maker))).ToList();
        var hasSource = sources.Exists(own.ContainsKey);
        var merged = defaults.Where(one => !own.Keys.Any(key => MeansSame(key, one.Key)) && !(hasSource && sources.Contains(one.Key, StringComparer.OrdinalIgnoreCase)))
            .ToDictionary(one => one.Key, one => one.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var one in own)
            merged[one.Key] = one.Value;
        // A null value counts as absent, and takes the place of a default.
        return merged.Where(one => !one.Value.IsNull).ToDictionary(one => one.Key, one => one.Value, StringComparer.OrdinalIgnoreCase);
    }

    private static bool MeansSame(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase)
        || MachineKeys.Makers.Any(maker => MachineKeys.Find(maker, a) is { } parameter && parameter == MachineKeys.Find(maker, b));

    private Dictionary<string, FileNode> Members(FileNode node, string path, string[]? known = null)
    {
        var members = new Dictionary<string, FileNode>(StringComparer.OrdinalIgnoreCase);
        if (node.Members is null)
        {
            Report(node, path, "An object with keys is required.");
            return members;
        }
        foreach (var member in node.Members.Where(one => one.Key.Length > 0 && one.Key[0] is not ('_' or '$')))
        {
            if (members.ContainsKey(member.Key))
                Report(member.Value, Join(path, member.Key), $"'{member.Key}' is given twice.");
            else if (known is not null && !known.Contains(member.Key, StringComparer.OrdinalIgnoreCase))
                Report(member.Value, Join(path, member.Key), $"'{member.Key}' is not known.{Suggest(member.Key, known)}");
            else
                members[member.Key] = member.Value;
        }
        return members;
    }

    private string? Text(IReadOnlyDictionary<string, FileNode> keys, string key, string path) =>
        keys.TryGetValue(key, out var node) && node.Value is not (null or "") ? Plain(node, Join(path, key)) : keys.TryGetValue(key, out node) && (node.Members is not null || node.Items is not null) ? Plain(node, Join(path, key)) : null;

    private string Plain(FileNode node, string path)
    {
        if (node.Value is string or long or int or double or bool)
            return node.Value is bool flag ? (flag ? "true" : "false") : System.Convert.ToString(node.Value, CultureInfo.InvariantCulture)!;
        Report(node, path, "A text is required.");
        return "";
    }

    private IReadOnlyList<string> Texts(IReadOnlyDictionary<string, FileNode> keys, string key, string path) => !keys.TryGetValue(key, out var node) ? []
        : node.Items is { } items ? items.Select((one, i) => Plain(one, $"{Join(path, key)}[{i}]")).ToList() : [Plain(node, Join(path, key))];

    private object? Convert(IReadOnlyDictionary<string, FileNode> keys, string key, string path, ArgumentTransformationAttribute conversion)
    {
        if (!keys.TryGetValue(key, out var node))
            return null;
        try
        {
            return conversion.Transform(_engine, node.ToPowerShell()!);
        }
        catch (MetadataException e)
        {
            Report(node, Join(path, key), e.Message);
            return null;
        }
    }

    private void Report(FileNode node, string path, string problem) =>
        _problems.Add($"{(node.Line > 0 ? $"Line {node.Line}, " : "")}{(path.Length == 0 ? "top" : path)}: {problem}");

    private static string Suggest(string name, IEnumerable<string> candidates) => NearestName.Find(name, candidates) is { } near ? $" Did you mean '{near}'?" : "";

    private static string Join(string path, string key) => path.Length == 0 || path == key ? key : $"{path}.{key}";
}
