-- The language server of seqlang in Neovim 0.7 or later: require("seqlang").setup()
local M = {}

local function root(path)
  local folder = vim.fn.fnamemodify(path, ":p:h")
  local settings = vim.fn.findfile("seqlang.toml", folder .. ";")
  return settings ~= "" and vim.fn.fnamemodify(settings, ":p:h") or folder
end

-- options.cmd: how to start the server; options.on_attach: called with the client and the buffer
function M.setup(options)
  options = options or {}
  vim.api.nvim_create_autocmd("FileType", {
    pattern = "seq",
    callback = function(event)
      local config = {
        name = "seqlang",
        cmd = options.cmd or { "seqlang", "lsp" },
        root_dir = root(vim.api.nvim_buf_get_name(event.buf)),
        on_attach = options.on_attach,
      }
      if vim.lsp.start then
        vim.lsp.start(config, { bufnr = event.buf })
        return
      end
      M.clients = M.clients or {}
      local client = M.clients[config.root_dir]
      if not client or vim.lsp.client_is_stopped(client) then
        client = vim.lsp.start_client(config)
        M.clients[config.root_dir] = client
      end
      vim.lsp.buf_attach_client(event.buf, client)
    end,
  })
end

return M
