// Written by scripts/build.ts from contracts/. Do not edit.
export const perpVenueAbi = [
  {
    "inputs": [
      {
        "internalType": "contract IERC20",
        "name": "collateralToken_",
        "type": "address"
      },
      {
        "internalType": "contract LimitBook",
        "name": "limitBook_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "owner_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "guardian_",
        "type": "address"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [],
    "name": "AlreadyAppointed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint8",
        "name": "decimals",
        "type": "uint8"
      },
      {
        "internalType": "uint8",
        "name": "pinned",
        "type": "uint8"
      }
    ],
    "name": "DecimalsChanged",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "EnforcedPause",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ExpectedPause",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "int256",
        "name": "equity",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "mm",
        "type": "uint256"
      }
    ],
    "name": "Healthy",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "notional",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxNotional",
        "type": "uint256"
      }
    ],
    "name": "LimitExceeded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "requirement",
        "type": "uint256"
      },
      {
        "internalType": "int256",
        "name": "equity",
        "type": "int256"
      }
    ],
    "name": "MarginExceeded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "MarketNotAdded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "NoPosition",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotAppointed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "collateral",
        "type": "uint256"
      }
    ],
    "name": "NotCovered",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotGuardian",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "notional",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "minNotional",
        "type": "uint256"
      }
    ],
    "name": "NotionalTooSmall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "openInterest",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "maxOpenInterest",
        "type": "uint256"
      }
    ],
    "name": "OpenInterestExceeded",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "field",
        "type": "string"
      }
    ],
    "name": "OutOfBounds",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "OwnAccount",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "OwnableInvalidOwner",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "OwnableUnauthorizedAccount",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "limitPrice",
        "type": "uint256"
      }
    ],
    "name": "PriceBeyondLimit",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "PriceNotPositive",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "updatedAt",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "time",
        "type": "uint256"
      }
    ],
    "name": "PriceStale",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "endsAt",
        "type": "uint64"
      }
    ],
    "name": "RampUnderWay",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "size",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "open",
        "type": "uint256"
      }
    ],
    "name": "ReduceTooLarge",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ReentrancyGuardReentrantCall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "SafeERC20FailedOperation",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "sequence",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "accepted",
        "type": "uint64"
      }
    ],
    "name": "Stale",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "StillOpen",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "str",
        "type": "string"
      }
    ],
    "name": "StringTooLong",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint8",
        "name": "decimals",
        "type": "uint8"
      }
    ],
    "name": "TooManyDecimals",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "int256",
        "name": "equity",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "mm",
        "type": "uint256"
      }
    ],
    "name": "Unhealthy",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "UnknownMarket",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "given",
        "type": "uint32"
      },
      {
        "internalType": "uint32",
        "name": "current",
        "type": "uint32"
      }
    ],
    "name": "WrongEpoch",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ZeroAddress",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ZeroAmount",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "mandates",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "backstop",
        "type": "address"
      }
    ],
    "name": "Appointed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "winner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "loser",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "size",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Deleveraged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      }
    ],
    "name": "Deposited",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [],
    "name": "EIP712DomainChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "total",
        "type": "uint256"
      }
    ],
    "name": "GainDeferred",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "total",
        "type": "uint256"
      }
    ],
    "name": "GainSettled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "guardian",
        "type": "address"
      }
    ],
    "name": "GuardianChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "size",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "loss",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "badDebt",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "liquidator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "fee",
        "type": "uint256"
      }
    ],
    "name": "Liquidated",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "uint32",
            "name": "targetPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "insurancePpm",
            "type": "uint32"
          }
        ],
        "indexed": false,
        "internalType": "struct PerpLiquidations.LiquidationTerms",
        "name": "terms",
        "type": "tuple"
      }
    ],
    "name": "LiquidationTermsChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "source",
        "type": "bytes32"
      }
    ],
    "name": "LossCovered",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "total",
        "type": "uint256"
      }
    ],
    "name": "LossRecorded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "total",
        "type": "uint256"
      }
    ],
    "name": "LossSettled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "market",
            "type": "bytes32"
          },
          {
            "internalType": "contract IPriceFeed",
            "name": "feed",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "heartbeatSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "imPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmRampPpmPerHour",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "feePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "liquidationFeePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint128",
            "name": "maxOpenInterest",
            "type": "uint128"
          },
          {
            "internalType": "uint128",
            "name": "minNotional",
            "type": "uint128"
          }
        ],
        "indexed": false,
        "internalType": "struct PerpMarkets.MarketConfig",
        "name": "config",
        "type": "tuple"
      }
    ],
    "name": "MarketAdded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint32",
        "name": "mmFromPpm",
        "type": "uint32"
      },
      {
        "indexed": false,
        "internalType": "uint32",
        "name": "mmTargetPpm",
        "type": "uint32"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "startsAt",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "endsAt",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "sequence",
        "type": "uint64"
      }
    ],
    "name": "MarketParamsAccepted",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "feed",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint32",
        "name": "heartbeatSeconds",
        "type": "uint32"
      }
    ],
    "name": "MarketSucceeded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "previousOwner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "OwnershipTransferStarted",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "previousOwner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "OwnershipTransferred",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "Paused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "PoolFunded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "sizeDelta",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "size",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "entryPrice",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "int256",
        "name": "realisedPnl",
        "type": "int256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "fee",
        "type": "uint256"
      }
    ],
    "name": "PositionChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "Unpaused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "Withdrawn",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "LONGEST_NOTICE_SECONDS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "MARKET_PARAMS_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "MAX_MARKETS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "market",
            "type": "bytes32"
          },
          {
            "internalType": "uint32",
            "name": "mmPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "effectiveAt",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "sequence",
            "type": "uint64"
          },
          {
            "internalType": "uint32",
            "name": "epoch",
            "type": "uint32"
          }
        ],
        "internalType": "struct PerpMarkets.MarketParams",
        "name": "params",
        "type": "tuple"
      },
      {
        "internalType": "bytes[]",
        "name": "signatures",
        "type": "bytes[]"
      }
    ],
    "name": "acceptMarketParams",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "acceptOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "accountOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "account",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "collateral",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "unsettledLoss",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "unpaidGain",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "credit",
            "type": "uint256"
          },
          {
            "internalType": "int256",
            "name": "equity",
            "type": "int256"
          },
          {
            "internalType": "int256",
            "name": "raiseEquity",
            "type": "int256"
          },
          {
            "internalType": "uint256",
            "name": "im",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "mm",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "mmRamped",
            "type": "uint256"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "market",
                "type": "bytes32"
              },
              {
                "internalType": "int256",
                "name": "size",
                "type": "int256"
              },
              {
                "internalType": "uint256",
                "name": "entryPrice",
                "type": "uint256"
              },
              {
                "internalType": "uint256",
                "name": "price",
                "type": "uint256"
              },
              {
                "internalType": "uint256",
                "name": "notional",
                "type": "uint256"
              },
              {
                "internalType": "int256",
                "name": "unrealised",
                "type": "int256"
              },
              {
                "internalType": "uint32",
                "name": "imPpm",
                "type": "uint32"
              },
              {
                "internalType": "uint32",
                "name": "mmPpm",
                "type": "uint32"
              },
              {
                "internalType": "uint32",
                "name": "mmLiquidationPpm",
                "type": "uint32"
              }
            ],
            "internalType": "struct PerpPositions.PositionView[]",
            "name": "positions",
            "type": "tuple[]"
          }
        ],
        "internalType": "struct PerpPositions.AccountView",
        "name": "",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address[]",
        "name": "accounts",
        "type": "address[]"
      }
    ],
    "name": "accountsOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "account",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "collateral",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "unsettledLoss",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "unpaidGain",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "credit",
            "type": "uint256"
          },
          {
            "internalType": "int256",
            "name": "equity",
            "type": "int256"
          },
          {
            "internalType": "int256",
            "name": "raiseEquity",
            "type": "int256"
          },
          {
            "internalType": "uint256",
            "name": "im",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "mm",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "mmRamped",
            "type": "uint256"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "market",
                "type": "bytes32"
              },
              {
                "internalType": "int256",
                "name": "size",
                "type": "int256"
              },
              {
                "internalType": "uint256",
                "name": "entryPrice",
                "type": "uint256"
              },
              {
                "internalType": "uint256",
                "name": "price",
                "type": "uint256"
              },
              {
                "internalType": "uint256",
                "name": "notional",
                "type": "uint256"
              },
              {
                "internalType": "int256",
                "name": "unrealised",
                "type": "int256"
              },
              {
                "internalType": "uint32",
                "name": "imPpm",
                "type": "uint32"
              },
              {
                "internalType": "uint32",
                "name": "mmPpm",
                "type": "uint32"
              },
              {
                "internalType": "uint32",
                "name": "mmLiquidationPpm",
                "type": "uint32"
              }
            ],
            "internalType": "struct PerpPositions.PositionView[]",
            "name": "positions",
            "type": "tuple[]"
          }
        ],
        "internalType": "struct PerpPositions.AccountView[]",
        "name": "views",
        "type": "tuple[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "offset",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      }
    ],
    "name": "accountsWithPositions",
    "outputs": [
      {
        "internalType": "address[]",
        "name": "accounts",
        "type": "address[]"
      },
      {
        "internalType": "uint256",
        "name": "total",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "market",
            "type": "bytes32"
          },
          {
            "internalType": "contract IPriceFeed",
            "name": "feed",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "heartbeatSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "imPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmRampPpmPerHour",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "feePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "liquidationFeePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint128",
            "name": "maxOpenInterest",
            "type": "uint128"
          },
          {
            "internalType": "uint128",
            "name": "minNotional",
            "type": "uint128"
          }
        ],
        "internalType": "struct PerpMarkets.MarketConfig",
        "name": "config",
        "type": "tuple"
      }
    ],
    "name": "addMarket",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "mandates_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "backstop_",
        "type": "address"
      }
    ],
    "name": "appoint",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "backstop",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "offset",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "limit",
        "type": "uint256"
      }
    ],
    "name": "book",
    "outputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "market",
            "type": "bytes32"
          },
          {
            "internalType": "address",
            "name": "feed",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "heartbeatSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint256",
            "name": "price",
            "type": "uint256"
          },
          {
            "internalType": "uint64",
            "name": "priceUpdatedAt",
            "type": "uint64"
          },
          {
            "internalType": "bool",
            "name": "fresh",
            "type": "bool"
          },
          {
            "internalType": "uint32",
            "name": "imPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmLiquidationPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmTargetPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "mmRampEndsAt",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "sequence",
            "type": "uint64"
          },
          {
            "internalType": "uint32",
            "name": "feePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "liquidationFeePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint128",
            "name": "maxOpenInterest",
            "type": "uint128"
          },
          {
            "internalType": "uint128",
            "name": "minNotional",
            "type": "uint128"
          },
          {
            "internalType": "uint256",
            "name": "longSize",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "shortSize",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "longNotional",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "shortNotional",
            "type": "uint256"
          }
        ],
        "internalType": "struct PerpMarkets.MarketView[]",
        "name": "markets_",
        "type": "tuple[]"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "account",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "collateral",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "unsettledLoss",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "unpaidGain",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "credit",
            "type": "uint256"
          },
          {
            "internalType": "int256",
            "name": "equity",
            "type": "int256"
          },
          {
            "internalType": "int256",
            "name": "raiseEquity",
            "type": "int256"
          },
          {
            "internalType": "uint256",
            "name": "im",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "mm",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "mmRamped",
            "type": "uint256"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "market",
                "type": "bytes32"
              },
              {
                "internalType": "int256",
                "name": "size",
                "type": "int256"
              },
              {
                "internalType": "uint256",
                "name": "entryPrice",
                "type": "uint256"
              },
              {
                "internalType": "uint256",
                "name": "price",
                "type": "uint256"
              },
              {
                "internalType": "uint256",
                "name": "notional",
                "type": "uint256"
              },
              {
                "internalType": "int256",
                "name": "unrealised",
                "type": "int256"
              },
              {
                "internalType": "uint32",
                "name": "imPpm",
                "type": "uint32"
              },
              {
                "internalType": "uint32",
                "name": "mmPpm",
                "type": "uint32"
              },
              {
                "internalType": "uint32",
                "name": "mmLiquidationPpm",
                "type": "uint32"
              }
            ],
            "internalType": "struct PerpPositions.PositionView[]",
            "name": "positions",
            "type": "tuple[]"
          }
        ],
        "internalType": "struct PerpPositions.AccountView[]",
        "name": "accounts",
        "type": "tuple[]"
      },
      {
        "internalType": "uint256",
        "name": "total",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "collateralToken",
    "outputs": [
      {
        "internalType": "contract IERC20",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "bytes32",
        "name": "source",
        "type": "bytes32"
      }
    ],
    "name": "coverLoss",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "deposit",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "depositFor",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "market",
            "type": "bytes32"
          },
          {
            "internalType": "uint32",
            "name": "mmPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "effectiveAt",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "sequence",
            "type": "uint64"
          },
          {
            "internalType": "uint32",
            "name": "epoch",
            "type": "uint32"
          }
        ],
        "internalType": "struct PerpMarkets.MarketParams",
        "name": "params",
        "type": "tuple"
      }
    ],
    "name": "digestOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "winner",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "address",
        "name": "loser",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "forfeit",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "paid",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "fundPool",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "guardian",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "int256",
        "name": "size",
        "type": "int256"
      }
    ],
    "name": "handOn",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "penaltyPpm",
        "type": "uint256"
      }
    ],
    "name": "inherit",
    "outputs": [
      {
        "internalType": "int256",
        "name": "size",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "paid",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "limitBook",
    "outputs": [
      {
        "internalType": "contract LimitBook",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "liquidate",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "liquidationTermsOf",
    "outputs": [
      {
        "internalType": "uint32",
        "name": "targetPpm",
        "type": "uint32"
      },
      {
        "internalType": "uint32",
        "name": "insurancePpm",
        "type": "uint32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "mandates",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "marketOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "market",
            "type": "bytes32"
          },
          {
            "internalType": "address",
            "name": "feed",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "heartbeatSeconds",
            "type": "uint32"
          },
          {
            "internalType": "uint256",
            "name": "price",
            "type": "uint256"
          },
          {
            "internalType": "uint64",
            "name": "priceUpdatedAt",
            "type": "uint64"
          },
          {
            "internalType": "bool",
            "name": "fresh",
            "type": "bool"
          },
          {
            "internalType": "uint32",
            "name": "imPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmLiquidationPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "mmTargetPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "mmRampEndsAt",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "sequence",
            "type": "uint64"
          },
          {
            "internalType": "uint32",
            "name": "feePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "liquidationFeePpm",
            "type": "uint32"
          },
          {
            "internalType": "uint128",
            "name": "maxOpenInterest",
            "type": "uint128"
          },
          {
            "internalType": "uint128",
            "name": "minNotional",
            "type": "uint128"
          },
          {
            "internalType": "uint256",
            "name": "longSize",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "shortSize",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "longNotional",
            "type": "uint256"
          },
          {
            "internalType": "uint256",
            "name": "shortNotional",
            "type": "uint256"
          }
        ],
        "internalType": "struct PerpMarkets.MarketView",
        "name": "",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "markets",
    "outputs": [
      {
        "internalType": "bytes32[]",
        "name": "",
        "type": "bytes32[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "int256",
        "name": "sizeDelta",
        "type": "int256"
      },
      {
        "internalType": "uint256",
        "name": "limitPrice",
        "type": "uint256"
      }
    ],
    "name": "open",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "owner",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "pause",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "paused",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "pay",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "paid",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "pendingOwner",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "pool",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "size",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "limitPrice",
        "type": "uint256"
      }
    ],
    "name": "reduce",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "uint256",
        "name": "size",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "limitPrice",
        "type": "uint256"
      }
    ],
    "name": "reduceFor",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "closed",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "price",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "renounceOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "guardian_",
        "type": "address"
      }
    ],
    "name": "setGuardian",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "uint32",
            "name": "targetPpm",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "insurancePpm",
            "type": "uint32"
          }
        ],
        "internalType": "struct PerpLiquidations.LiquidationTerms",
        "name": "terms",
        "type": "tuple"
      }
    ],
    "name": "setLiquidationTerms",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "settleGain",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      }
    ],
    "name": "sizeOf",
    "outputs": [
      {
        "internalType": "int256",
        "name": "",
        "type": "int256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "market",
        "type": "bytes32"
      },
      {
        "internalType": "contract IPriceFeed",
        "name": "feed",
        "type": "address"
      },
      {
        "internalType": "uint32",
        "name": "heartbeatSeconds",
        "type": "uint32"
      },
      {
        "internalType": "uint256",
        "name": "priceScale",
        "type": "uint256"
      }
    ],
    "name": "succeed",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "successions",
    "outputs": [
      {
        "internalType": "contract Successions",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "transferOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "unpause",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "withdraw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const
